// Puts the frames that test/panel/editor.pictures.ts took together into media/panel.gif.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import gifenc from 'gifenc';
import { PNG } from 'pngjs';

const { GIFEncoder, applyPalette, quantize } = gifenc;
const folder = '.test-artefacts/frames';
const delayMs = 150;

const frames = readdirSync(folder)
  .toSorted()
  .map((name) => PNG.sync.read(readFileSync(`${folder}/${name}`)));
const { width, height } = frames[0];
// One palette for all frames, from a few of them: else colours would flicker, and every frame bring its own.
const samples = frames.filter((_, i) => i % Math.ceil(frames.length / 6) === 0);
const palette = quantize(Buffer.concat(samples.map((frame) => frame.data)), 255);
const transparent = palette.length;
const gif = GIFEncoder();
let before;
for (const { data } of frames) {
  const colours = applyPalette(data, palette);
  // What has not changed is left see-through, which packs to almost nothing.
  const changed = before ? colours.map((colour, i) => (colour === before[i] ? transparent : colour)) : colours;
  gif.writeFrame(changed, width, height, {
    palette: [...palette, [0, 0, 0]],
    delay: delayMs,
    transparent: before !== undefined,
    transparentIndex: transparent,
    dispose: 1,
  });
  before = colours;
}
gif.finish();
writeFileSync('media/panel.gif', gif.bytes());
console.log(`media/panel.gif: ${frames.length} frames, ${Math.round(gif.bytes().length / 1024)} KiB`);
