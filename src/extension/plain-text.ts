/** Names from files, for the places where the editor takes some signs for its own. */

/** For messages: the editor makes links, also such that run commands, of what looks like one. */
export function withoutLinks(message: string): string {
  return message.replaceAll('](', '] (');
}

/** For the status bar and for lists to choose from: the editor puts icons in the place of `$(name)`. */
export function withoutIcons(text: string): string {
  return text.replaceAll('$(', '\\$(');
}
