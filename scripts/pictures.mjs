// Draws media/terminal.svg, the README's picture, from what the program really prints: prunes the sample and shows the result.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

const recipe = 'models/sample.prune.yaml';
const pruned = 'models/sample-50-obs-least-squares';
const steps = [
  { shown: ['init', 'models/sample'], real: null, note: [`${recipe} written; see it with: secateur plan ${recipe}`] },
  { shown: ['prune', recipe], real: ['prune', recipe, '--fresh'] },
  {
    shown: ['report', pruned],
    real: ['report', pruned],
    keep: (lines) => lines.filter((line) => /^\| `model\.layers\.[01]/.test(line)).slice(0, 7),
  },
];
const lines = steps.flatMap(({ shown, real, note, keep = (all) => all }) => {
  const printed = real ? run(real) : note;
  return [`$ secateur ${shown.join(' ')}`, ...keep(printed), ''];
});

const [lineHeight, charWidth, margin] = [19, 8.05, 18];
const width = Math.ceil(2 * margin + charWidth * Math.max(...lines.map((line) => line.length)));
const height = 2 * margin + lineHeight * (lines.length - 1);
const asText = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const text = lines.map((line, i) => {
  const fill = line.startsWith('$') ? '#7ee787' : line.startsWith('Zeros alone') ? '#8b949e' : '#e6edf3';
  return `<text x="${margin}" y="${margin + lineHeight * (i + 0.75)}" fill="${fill}">${asText(line)}</text>`;
});
writeFileSync(
  'media/terminal.svg',
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13.4" xml:space="preserve"><title>secateur prunes the sample checkpoint and shows what it did</title><rect width="100%" height="100%" rx="8" fill="#0d1117"/>${text.join('')}</svg>\n`,
);

function run(args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/cli.js', ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout.trimEnd().replaceAll(`${process.cwd()}/`, '').split('\n');
}
