/** Which rows of a table are shown, and in which order. */

export interface Column<Row> {
  readonly key: string;
  readonly title: string;
  /** Explains the column, as a tooltip of its heading. */
  readonly meaning?: string;
  /** What rows are ordered by; `null` stands last in both directions. */
  readonly value: (row: Row) => number | string | null;
  readonly text: (row: Row) => string;
  /** How far a row's value is a good or a bad one, where that is to be marked. */
  readonly trend?: (row: Row) => 'better' | 'worse' | 'same';
}

export interface Order {
  readonly key: string;
  readonly direction: 'ascending' | 'descending';
}

/** The rows in a column's order, those of equal value as they stood; as they stand where there is no such column. */
export function sortRows<Row>(rows: readonly Row[], columns: readonly Column<Row>[], order: Order | null): readonly Row[] {
  const column = columns.find(({ key }) => key === order?.key);
  if (!column || !order) return rows;
  const sign = order.direction === 'ascending' ? 1 : -1;
  return rows
    .map((row) => ({ row, value: column.value(row) }))
    .sort((a, b) => Number(isMissing(a.value)) - Number(isMissing(b.value)) || sign * compare(a.value, b.value))
    .map(({ row }) => row);
}

function isMissing(value: number | string | null): boolean {
  return value === null || Number.isNaN(value);
}

function compare(a: number | string | null, b: number | string | null): number {
  if (isMissing(a) || isMissing(b)) return 0;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), 'en', { numeric: true });
}

/** The order after a click on a heading: another column starts as text is read, or with the largest number; the same one turns round. */
export function nextOrder<Row>(order: Order | null, column: Column<Row>, rows: readonly Row[]): Order {
  if (order?.key === column.key) return { key: column.key, direction: order.direction === 'ascending' ? 'descending' : 'ascending' };
  const isText = rows.length > 0 && typeof column.value(rows[0]) === 'string';
  return { key: column.key, direction: isText ? 'ascending' : 'descending' };
}

export interface Filter {
  /** Words that all have to be in the name, in any case. */
  readonly text: string;
  /** Empty: every kind. */
  readonly kind: string;
  /** Empty: every block. */
  readonly block: string;
}

export const noFilter: Filter = { text: '', kind: '', block: '' };

export function filterRows<Row extends { readonly name: string; readonly kind: string; readonly block: number }>(
  rows: readonly Row[],
  { text, kind, block }: Filter,
): readonly Row[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    if ((kind !== '' && row.kind !== kind) || (block !== '' && row.block !== Number(block))) return false;
    const name = row.name.toLowerCase();
    return words.every((word) => name.includes(word));
  });
}

/** Rows that a virtual table draws: those in view and some more on either side, so that a quick turn of the wheel shows no gap. */
export function windowOf(
  nRows: number,
  scrollTop: number,
  height: number,
  rowHeight: number,
  margin = 20,
): { readonly from: number; readonly to: number } {
  const from = Math.max(0, Math.min(nRows, Math.floor(scrollTop / rowHeight) - margin));
  const to = Math.min(nRows, Math.ceil((scrollTop + height) / rowHeight) + margin);
  return { from, to: Math.max(from, to) };
}
