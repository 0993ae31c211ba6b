/** The editor's theme as a canvas needs it: colours read once, and read again when the theme changes. */

export interface Palette {
  readonly font: string;
  readonly fontSize: number;
  readonly foreground: string;
  readonly muted: string;
  readonly background: string;
  readonly focus: string;
  readonly progress: string;
  /** Set in the high-contrast themes only: everything gets outlines then. */
  readonly outline: string | null;
}

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const colour = (name: string, otherwise: string) => style.getPropertyValue(name).trim() || otherwise;
  const foreground = colour('--vscode-foreground', style.color);
  return {
    font: style.fontFamily,
    fontSize: Number.parseFloat(style.fontSize) || 13,
    foreground,
    muted: colour('--vscode-descriptionForeground', foreground),
    background: colour('--vscode-editor-background', 'Canvas'),
    focus: colour('--vscode-focusBorder', foreground),
    progress: colour('--vscode-progressBar-background', foreground),
    outline: document.body.className.includes('vscode-high-contrast') ? colour('--vscode-contrastBorder', foreground) : null,
  };
}

/** Calls back when the editor's theme, font or zoom changes. */
export function watchTheme(changed: () => void): { dispose(): void } {
  const observer = new MutationObserver(changed);
  observer.observe(document.body, { attributeFilter: ['class', 'data-vscode-theme-id'] });
  observer.observe(document.documentElement, { attributeFilter: ['style', 'class'] });
  return { dispose: () => observer.disconnect() };
}
