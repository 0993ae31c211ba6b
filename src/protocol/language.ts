/** What goes between the language server and the editor beyond the protocol of language servers. */

/** Asks the editor where the sensitivities of a recipe are kept: `{ uri }` to an absolute path. */
export const cacheFolderRequest = 'secateur/cacheFolder';

/** Tells the language server that something was measured. */
export const measuredNotification = 'secateur/measured';
