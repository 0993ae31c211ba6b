// The main job on the sample checkpoint: copies it to models/, writes a recipe beside it, prunes it and shows before and after.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';

const model = 'models/sample';
if (!existsSync(model)) cpSync('media/sample', model, { recursive: true });

run(
  'init',
  model,
  '--text',
  `${model}/calibration.txt`,
  '--evaluate',
  `${model}/evaluation.txt`,
  '--to',
  'models/sample.prune.yaml',
  '--force',
);
run('prune', 'models/sample.prune.yaml', '--set', 'save.overwrite=true');

function run(...args) {
  console.log(`\n$ secateur ${args.join(' ')}`);
  const { status } = spawnSync(process.execPath, ['dist/cli.js', ...args], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
