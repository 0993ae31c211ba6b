/** Where the result comes from: everything one needs to make it again, to read and to copy. */

import { css, html, type TemplateResult } from 'lit';
import { formatBytes, formatCount } from '../../src/protocol/quantity.ts';
import type { Report } from '../../src/protocol/report.ts';

/** Shards that are listed; the largest published models have about as many. */
const mostFiles = 200;

/** Name and value of every fact, in the order they are shown. */
export function provenanceOf(report: Report): (readonly [string, string])[] {
  const { source, calibration, measure, evaluation, environment: env } = report;
  return [
    ['Source', source.path],
    ['Model', `${source.modelType}, ${formatCount(source.parameters)} parameters, ${formatCount(source.prunable)} of them prunable`],
    ['Calibration text', calibration.description],
    ['Calibration flow', `${calibration.flow}, seed ${calibration.seed}`],
    ['Calibration tokens, SHA-256', calibration.sha256],
    ...(measure ? [['Sensitivity', `${measure.description}; in ${measure.unit}`] as const] : []),
    ...(evaluation
      ? ([
          ['Evaluation text', evaluation.description],
          ['Evaluation tokens, SHA-256', evaluation.sha256],
          ['Protocol', evaluation.protocol],
        ] as const)
      : []),
    ['Machine', `${env.cpu}, ${env.threads} threads, ${env.platform}`],
    ['Provider', `${env.provider}, onnxruntime ${env.onnxruntime}, Node ${env.node}`],
    ['Secateur', report.secateur],
    ['Resumed', report.resumed === 0 ? 'never' : report.resumed === 1 ? 'once' : `${report.resumed} times`],
    ['Key', report.key],
  ];
}

/** The facts and the hashes of the files, as lines of text. */
export function provenanceText(report: Report): string {
  const files = (list: Report['source']['files'], of: string) => list.map(({ name, sha256 }) => `${of} ${name}, SHA-256: ${sha256}`);
  return [
    ...provenanceOf(report).map(([name, value]) => `${name}: ${value}`),
    ...files(report.source.files, 'Source'),
    ...files(report.output.files, 'Output'),
    '',
  ].join('\n');
}

export function renderProvenance(report: Report): TemplateResult {
  return html`<dl class="facts">${provenanceOf(report).map(([name, value]) => html`<dt>${name}</dt><dd>${/SHA-256|Key/.test(name) ? html`<code>${value}</code>` : value}</dd>`)}</dl>
    ${renderFiles('Files of the source', report.source.files)} ${renderFiles('Files of the result', report.output.files)}
    ${report.output.others.length > 0 ? html`<p class="muted">Beside them in the result: ${report.output.others.join(', ')}.</p>` : ''}`;
}

function renderFiles(title: string, files: Report['source']['files']): TemplateResult {
  return html`<h3>${title}</h3>
    <ul class="files">
      ${files.slice(0, mostFiles).map(({ name, bytes, sha256 }) => html`<li>${name}, ${formatBytes(bytes)} <code>${sha256}</code></li>`)}
      ${files.length > mostFiles ? html`<li class="muted">and ${files.length - mostFiles} more, which Copy Provenance holds</li>` : ''}
    </ul>`;
}

export const provenanceStyles = css`
  .facts {
    display: grid;
    grid-template-columns: max-content minmax(0, 1fr);
    gap: 3px 16px;
    margin-bottom: 0;
  }
  .facts dt {
    color: var(--vscode-descriptionForeground);
  }
  .facts dd {
    margin: 0;
    overflow-wrap: anywhere;
  }
  .files {
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .files li {
    overflow-wrap: anywhere;
  }
  .files code {
    color: var(--vscode-descriptionForeground);
  }
  @media (max-width: 560px) {
    .facts {
      grid-template-columns: minmax(0, 1fr);
      gap: 0;
    }
    .facts dd {
      margin-bottom: 6px;
    }
  }
`;
