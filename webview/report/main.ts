/** The report panel: one page between the messages of the host and what the reader does. */

import type { FromReport, ToReport } from '../../src/protocol/panel.ts';
import { openChannel } from '../kit/channel.ts';
import type { ReportAction } from './actions.ts';
import { isMeasureName } from './measures.ts';
import './panel.ts';
import type { ReportPanel } from './panel.ts';
import { type Choices, firstChoices } from './single-page.ts';

const channel = openChannel<ToReport, FromReport, Choices>();
const panel = document.createElement('secateur-report-panel') as ReportPanel;
const kept = channel.kept();
panel.choices = { ...firstChoices, ...kept, measure: isMeasureName(kept.measure) ? kept.measure : firstChoices.measure };

panel.addEventListener('choices-change', (event) => {
  panel.choices = (event as CustomEvent<Choices>).detail;
  channel.keep(panel.choices);
});
panel.addEventListener('report-action', (event) => channel.post({ type: 'action', action: (event as CustomEvent<ReportAction>).detail }));
panel.addEventListener('copy-text', (event) => void copy((event as CustomEvent<string>).detail));
channel.onMessage((message) => {
  panel.message = message;
});
document.body.append(panel);
channel.post({ type: 'ready' });

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    panel.said = 'Copied.';
  } catch {
    panel.said = 'The clipboard cannot be written; select the text and copy it.';
  }
}
