import * as ts from "@tslab/typescript-for-tslab";

/**
 * Mends a slip of tslab's compiler. It lets a cell see the variables of earlier cells by writing `exports.seed` for
 * `seed`, but leaves `{ seed }` as it is, and the cell fails with "seed is not defined". This writes
 * `{ seed: exports.seed }`. All lines stay where they are.
 *
 * @param compiled the cell as tslab compiled it
 * @param declarations what earlier cells declare, as tslab notes it
 */
export function mendShorthand(compiled: string, declarations: string): string {
  if (!/[{,]\s*[\w$]+\s*[,}]/.test(compiled)) {
    return compiled;
  }
  const earlier = new Set(declarationsIn(parse(declarations)).map(({ name }) => name));
  const cell = parse(compiled);
  const own = declarationsIn(cell);
  const isOwn = (node: ts.Identifier): boolean =>
    own.some(({ name, scope }) => name === node.text && scope.pos <= node.pos && node.end <= scope.end);
  const places: ts.Identifier[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isShorthandPropertyAssignment(node) && earlier.has(node.name.text) && !isOwn(node.name)) {
      places.push(node.name);
    }
    ts.forEachChild(node, visit);
  };
  visit(cell);
  // From the end, so that the places before stay right.
  return places.reduceRight(
    (code, name) => `${code.slice(0, name.end)}: exports.${name.text}${code.slice(name.end)}`,
    compiled,
  );
}

function parse(code: string): ts.SourceFile {
  return ts.createSourceFile("cell.ts", code, ts.ScriptTarget.ES2022, true);
}

/** A name, and the part of the code where it stands for what is declared there. */
interface Declaration {
  readonly name: string;
  readonly scope: ts.Node;
}

/** Every name that a declaration anywhere in the code gives to something. */
function declarationsIn(code: ts.SourceFile): Declaration[] {
  const found: Declaration[] = [];
  const visit = (node: ts.Node): void => {
    const { name } = node as Partial<ts.NamedDeclaration>;
    if (ts.isBindingName(node) && isBound(node)) {
      found.push({ name: node.getText(code), scope: scopeOf(node) });
    } else if ((ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node)) && name) {
      found.push({ name: name.getText(code), scope: scopeOf(node.parent) });
    } else if (ts.isImportClause(node) || ts.isImportSpecifier(node) || ts.isNamespaceImport(node)) {
      found.push({ name: node.name?.text ?? "", scope: code });
    }
    ts.forEachChild(node, visit);
  };
  visit(code);
  return found;
}

/** The function, block or loop that a node stands in, or all of the code. */
function scopeOf(node: ts.Node): ts.Node {
  const isScope =
    ts.isFunctionLike(node) ||
    ts.isBlock(node) ||
    ts.isForStatement(node) ||
    ts.isForOfStatement(node) ||
    ts.isForInStatement(node) ||
    ts.isCatchClause(node) ||
    ts.isSourceFile(node);
  return isScope ? node : scopeOf(node.parent);
}

/** Whether a name stands where a variable, a parameter or a part of a pattern is declared. */
function isBound(node: ts.BindingName): boolean {
  const { parent } = node;
  return (
    (ts.isVariableDeclaration(parent) || ts.isParameter(parent) || ts.isBindingElement(parent)) &&
    parent.name === node
  );
}
