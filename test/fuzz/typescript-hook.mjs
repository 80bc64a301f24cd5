/**
 * Node's module loader, taught our TypeScript file by file: Node 20 takes no types out itself. Files of `src/` get a
 * counter in front of every block and every operand that may be skipped, which is what guides the fuzzer.
 */
import { readFile } from 'node:fs/promises';
import ts from 'typescript';

const compilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
};

/** A name that is not used elsewhere. The counters are `BlockCoverage` of block-coverage.ts. */
const COUNTERS = '__blocks';
const PROLOGUE = `const ${COUNTERS} = (globalThis.fuzzBlocks ??= new Uint8Array(8192));`;

let blocks = 0;

export async function load(url, context, nextLoad) {
  if (!url.endsWith('.ts') || url.includes('/node_modules/')) return nextLoad(url, context);
  const source = await readFile(new URL(url), 'utf8');
  const isOurs = /\/src\/(?!charts|cli)/.test(url);
  const { outputText } = ts.transpileModule(source, {
    compilerOptions,
    fileName: url,
    transformers: { before: isOurs ? [counting] : [] },
  });
  const prologue = isOurs ? PROLOGUE : '';
  return { format: 'module', shortCircuit: true, source: prologue + outputText };
}

const SKIPPING = new Set([
  ts.SyntaxKind.AmpersandAmpersandToken,
  ts.SyntaxKind.BarBarToken,
  ts.SyntaxKind.QuestionQuestionToken,
]);

function counting({ factory }) {
  const count = () =>
    factory.createPostfixIncrement(
      factory.createElementAccessExpression(factory.createIdentifier(COUNTERS), blocks++),
    );
  const counted = (expression) =>
    factory.createParenthesizedExpression(factory.createComma(count(), expression));
  const statement = () => factory.createExpressionStatement(count());
  const counted1 = (one) =>
    ts.isBlock(one) || ts.isIfStatement(one) ? one : factory.createBlock([statement(), one]);

  const visit = (node) => {
    const seen = ts.visitEachChild(node, visit);
    if (ts.isBlock(seen)) return factory.updateBlock(seen, [statement(), ...seen.statements]);
    if (ts.isCaseOrDefaultClause(seen) && seen.statements.length > 0) {
      const statements = [statement(), ...seen.statements];
      return ts.isCaseClause(seen)
        ? factory.updateCaseClause(seen, seen.expression, statements)
        : factory.updateDefaultClause(seen, statements);
    }
    if (ts.isIfStatement(seen)) {
      const otherwise = seen.elseStatement && counted1(seen.elseStatement);
      return factory.updateIfStatement(
        seen,
        seen.expression,
        counted1(seen.thenStatement),
        otherwise,
      );
    }
    if (ts.isConditionalExpression(seen))
      return factory.createConditionalExpression(
        seen.condition,
        seen.questionToken,
        counted(seen.whenTrue),
        seen.colonToken,
        counted(seen.whenFalse),
      );
    if (ts.isBinaryExpression(seen) && SKIPPING.has(seen.operatorToken.kind))
      return factory.createBinaryExpression(seen.left, seen.operatorToken, counted(seen.right));
    if (ts.isArrowFunction(seen) && !ts.isBlock(seen.body))
      return factory.updateArrowFunction(
        seen,
        seen.modifiers,
        seen.typeParameters,
        seen.parameters,
        seen.type,
        seen.equalsGreaterThanToken,
        counted(seen.body),
      );
    return seen;
  };
  return (file) => ts.visitNode(file, visit);
}
