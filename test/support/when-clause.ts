/** Reads the editor's when clauses, to find those that it would not understand. */

const token =
  /\s*(?:(?<op>===|!==|==|!=|<=|>=|<|>|=~|&&|\|\||!|\(|\))|(?<regex>\/(?:\\.|[^/\\\n])+\/[a-z]*)|'(?<quoted>[^']*)'|(?<word>[\w.:\-+%$@…]+))/y;

/**
 * @returns  the context keys that the clause asks for
 * @throws   `SyntaxError` naming the place where it cannot be understood
 */
export function keysOfWhen(clause: string): readonly string[] {
  const tokens = tokensOf(clause);
  const keys: string[] = [];
  let at = 0;
  const peek = () => tokens[at]?.text;
  const fail = (): never => {
    throw new SyntaxError(`“${clause}” at ${tokens[at]?.text ?? 'its end'}`);
  };
  const take = (kind: Token['kind']): string => {
    const next = tokens[at];
    if (next?.kind !== kind) return fail();
    at++;
    return next.text;
  };
  const either = (): void => {
    both();
    while (peek() === '||') {
      at++;
      both();
    }
  };
  const both = () => {
    term();
    while (peek() === '&&') {
      at++;
      term();
    }
  };
  const term = () => {
    while (peek() === '!') at++;
    if (peek() !== '(') {
      comparison();
      return;
    }
    at++;
    either();
    if (peek() !== ')') fail();
    at++;
  };
  const comparison = () => {
    const key = take('word');
    if (key !== 'true' && key !== 'false') keys.push(key);
    if (peek() === '=~') {
      at++;
      const [, source, flags] = /^\/(.*)\/([a-z]*)$/s.exec(take('regex'))!;
      new RegExp(source!, flags);
      return;
    }
    if (peek() === 'not' || peek() === 'in') {
      if (peek() === 'not') at++;
      if (take('word') !== 'in') fail();
      keys.push(take('word'));
      return;
    }
    if (!['==', '===', '!=', '!==', '<', '<=', '>', '>='].includes(peek() ?? '')) return;
    at++;
    const kind = tokens[at]?.kind;
    if (kind !== 'word' && kind !== 'quoted') fail();
    at++;
  };
  either();
  if (at < tokens.length) fail();
  return keys;
}

interface Token {
  readonly kind: 'op' | 'regex' | 'quoted' | 'word';
  readonly text: string;
}

function tokensOf(clause: string): Token[] {
  const tokens: Token[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < clause.trimEnd().length) {
    const from = token.lastIndex;
    const groups = token.exec(clause)?.groups;
    const found = Object.entries(groups ?? {}).find(([, text]) => text !== undefined);
    if (!found) throw new SyntaxError(`“${clause}” at ${clause.slice(from)}`);
    tokens.push({ kind: found[0] as Token['kind'], text: found[1]! });
  }
  return tokens;
}
