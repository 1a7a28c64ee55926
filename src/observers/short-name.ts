/** A name comes from the caller and could be as long as a body. */
const MAX_NAME_CHARACTERS = 256;

/** The Chat Server's name as the log has it: at most 256 characters, null where messages go by type. */
export function shortName(chatServer: string | null): string | null {
  return chatServer === null ? null : chatServer.slice(0, MAX_NAME_CHARACTERS);
}
