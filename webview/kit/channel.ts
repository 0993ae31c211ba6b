/** The one way from a webview to the extension and back, and what the webview remembers while it is hidden. */

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

export interface Channel<To, From, Kept> {
  post(message: From): void;
  onMessage(listener: (message: To) => void): void;
  /** What was kept last, also before the panel was hidden or the window reloaded. */
  kept(): Partial<Kept>;
  keep(state: Partial<Kept>): void;
}

/** May be called once in the life of a page. */
export function openChannel<To, From, Kept extends object>(): Channel<To, From, Kept> {
  const api = acquireVsCodeApi();
  const kept = (): Partial<Kept> => {
    const state = api.getState();
    return typeof state === 'object' && state !== null ? (state as Partial<Kept>) : {};
  };
  return {
    post: (message) => api.postMessage(message),
    onMessage: (listener) => addEventListener('message', ({ data }: MessageEvent<To>) => listener(data)),
    kept,
    keep: (state) => api.setState({ ...kept(), ...state }),
  };
}
