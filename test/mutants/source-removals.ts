/**
 * What can be taken out of a source file, one at a time, so that something stays behind or grows without end: a call
 * that gives something back (an entry of a collection, a listener, a timer, a file), and a comparison with a limit.
 * Nothing here runs a test.
 */
import ts from 'typescript';

export type SourceRemoval = {
  /** Such as `src/io/link/write-queue.ts: this.#queue.clear()`; numbered where one text stands there more than once. */
  readonly name: string;
  readonly file: string;
  /** Where the text begins in the file, and where it ends. */
  readonly start: number;
  readonly end: number;
  /** What stands there instead. */
  readonly replacement: string;
};

/** Methods and functions that give something back. */
const GIVES_BACK =
  /^(delete|clear|off|removeListener|removeAllListeners|removeEventListener|unsubscribe|unwatch|clearTimeout|clearInterval|clearImmediate|sync|fsync|unlink|rm|rmdir|destroy|release|abort|close|splice|shift|pop)$/;

/** Names of limits: constants, and what they are called as options. */
const LIMIT = /\b(MAX_|MIN_|LIMIT|CAPACITY)|_(BYTES|MS|LIMIT)\b|\bmax[A-Z]|\blimit\b|\bcapacity\b/;

const COMPARISONS: ReadonlyMap<ts.SyntaxKind, boolean> = new Map([
  [ts.SyntaxKind.GreaterThanToken, true],
  [ts.SyntaxKind.GreaterThanEqualsToken, true],
  [ts.SyntaxKind.LessThanToken, false],
  [ts.SyntaxKind.LessThanEqualsToken, false],
]);

export function removalsIn(file: string, text: string): readonly SourceRemoval[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: SourceRemoval[] = [];
  const note = (node: ts.Node, replacement: string): void => {
    const label = `${file}: ${node.getText().replace(/\s+/g, ' ').slice(0, 100)}`;
    const before = found.filter(({ name }) => name.replace(/ #\d+$/, '') === label).length;
    found.push({
      name: before === 0 ? label : `${label} #${before + 1}`,
      file,
      start: node.getStart(),
      end: node.getEnd(),
      replacement,
    });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && GIVES_BACK.test(nameOf(node.expression)) && isUnused(node))
      note(node, 'undefined');
    else if (ts.isBinaryExpression(node)) {
      const isAbove = COMPARISONS.get(node.operatorToken.kind);
      const isLimitRight = LIMIT.test(node.right.getText());
      if (isAbove !== undefined && (isLimitRight || LIMIT.test(node.left.getText())))
        note(node, String(isLimitRight !== isAbove));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The last name of what is called. */
function nameOf(callee: ts.Expression): string {
  if (ts.isPropertyAccessExpression(callee)) return callee.name.text;
  return ts.isIdentifier(callee) ? callee.text : '';
}

/** Whether nothing is done with the result, so that the call can go alone. */
function isUnused(call: ts.CallExpression): boolean {
  let node: ts.Node = call;
  while (
    ts.isAwaitExpression(node.parent) ||
    ts.isVoidExpression(node.parent) ||
    ts.isParenthesizedExpression(node.parent)
  )
    node = node.parent;
  return (
    ts.isExpressionStatement(node.parent) ||
    (ts.isArrowFunction(node.parent) && node.parent.body === node)
  );
}
