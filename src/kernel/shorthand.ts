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
  const earlier = declaredNames(parse(declarations));
  const cell = parse(compiled);
  const own = declaredNames(cell);
  const places: ts.Identifier[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isShorthandPropertyAssignment(node) && earlier.has(node.name.text) && !own.has(node.name.text)) {
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

/** Every name that a declaration anywhere in the code gives to something. */
function declaredNames(code: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    const { name } = node as Partial<ts.NamedDeclaration>;
    if (ts.isBindingName(node) && isBound(node)) {
      names.add(node.getText(code));
    } else if ((ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node)) && name) {
      names.add(name.getText(code));
    } else if (ts.isImportClause(node) || ts.isImportSpecifier(node) || ts.isNamespaceImport(node)) {
      names.add(node.name?.text ?? "");
    }
    ts.forEachChild(node, visit);
  };
  visit(code);
  return names;
}

/** Whether a name stands where a variable, a parameter or a part of a pattern is declared. */
function isBound(node: ts.BindingName): boolean {
  const { parent } = node;
  return (
    (ts.isVariableDeclaration(parent) || ts.isParameter(parent) || ts.isBindingElement(parent)) &&
    parent.name === node
  );
}
