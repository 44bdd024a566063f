/** CSV that a spreadsheet shows and never runs: RFC 4180, every cell in quotes, in UTF-8 that says so. */

/**
 * Begins a file. Without the mark Excel reads UTF-8 in the code page of the machine, and whatever is not ASCII is lost;
 * programs that cannot do with it take lines of JSON.
 */
export const byteOrderMark = '\u{feff}';

/** One record with its CRLF. */
export function csvLine(cells: readonly (string | null)[]): string {
  return `${cells.map((cell) => `"${harmless(cell ?? '').replaceAll('"', '""')}"`).join(',')}\r\n`;
}

/**
 * What begins like a formula begins with an apostrophe instead, which spreadsheets take for "this is text". Source:
 * https://owasp.org/www-community/attacks/CSV_Injection; the full-width signs count in East Asian versions. The same
 * within a cell, behind what ends one elsewhere: where the list separator of the machine is a semicolon or a tab, the
 * quotes of a record are read otherwise, and a text that has one becomes two cells.
 */
export function harmless(cell: string): string {
  const text = cell.replaceAll('\0', '').replaceAll(/([;\t\r\n]["'\s]*)(?=[=+\-@＝＋－＠])/g, "$1'");
  return /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/.test(text) ? `'${text}` : text;
}
