import * as ts from "typescript";

/** Names by which libraries find out where they run. A cell's variable of such a name must not be seen by them. */
const tellTale =
  "window self document navigator location define module exports require __filename __dirname " +
  "importScripts WorkerGlobalScope Deno Bun process global";

/**
 * Names that cells may declare, but not as properties of the global object: it has them already, or libraries look for
 * them. They are kept in a scope object of their own.
 */
export function reservedNames(): ReadonlySet<string> {
  const names = new Set(tellTale.split(" "));
  for (
    let object: object | null = globalThis;
    object;
    object = Object.getPrototypeOf(object) as object | null
  ) {
    Object.getOwnPropertyNames(object).forEach((name) => names.add(name));
  }
  return names;
}

/** The names in a pattern, or the one name that it is. */
export function namesIn(pattern: ts.BindingName): string[] {
  return ts.isIdentifier(pattern)
    ? [pattern.text]
    : pattern.elements.flatMap((element) => (ts.isBindingElement(element) ? namesIn(element.name) : []));
}

/** The names of values that a statement of a cell declares for later cells, those of imports aside. */
export function declaredNames(statement: ts.Node): string[] {
  if (ts.canHaveModifiers(statement) && hasModifier(statement, ts.SyntaxKind.DeclareKeyword)) {
    return [];
  }
  if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) {
    const isOverload = ts.isFunctionDeclaration(statement) && !statement.body;
    return statement.name && !isOverload ? [statement.name.text] : [];
  }
  const isNamed = ts.isEnumDeclaration(statement) || ts.isModuleDeclaration(statement);
  if (isNamed || ts.isImportEqualsDeclaration(statement)) {
    return [statement.name.text];
  }
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => namesIn(name));
  }
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (isVarList(node)) {
      names.push(...node.declarations.flatMap(({ name }) => namesIn(name)));
    }
    if (!ts.isFunctionLike(node) && !ts.isClassLike(node) && !ts.isModuleDeclaration(node)) {
      ts.forEachChild(node, visit);
    }
  };
  visit(statement);
  return names;
}

/** The statements of a cell as they run: imports come first. (Functions are there from the start.) */
export function inOrder(statements: readonly ts.Statement[]): ts.Statement[] {
  return [...statements].sort((a, b) => Number(isImport(b)) - Number(isImport(a)));
}

/** What loads a module. */
export type Import =
  ts.ImportDeclaration | (ts.ImportEqualsDeclaration & { moduleReference: ts.ExternalModuleReference });

/** Whether it loads a module. */
export function isImport(node: ts.Node): node is Import {
  const isEquals = ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference);
  return isEquals || ts.isImportDeclaration(node);
}

/** Whether it declares variables by `var`, which outlive the block that they stand in. */
export function isVarList(node: ts.Node): node is ts.VariableDeclarationList {
  return ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.BlockScoped) === 0;
}

export function hasModifier(node: ts.HasModifiers, kind: ts.SyntaxKind): boolean {
  return node.modifiers?.some((modifier) => modifier.kind === kind) ?? false;
}

/** Whether a declaration is one of a cell's own: later cells can name it. */
export function isTopLevel(declaration: ts.Declaration): boolean {
  let node: ts.Node = declaration;
  while (ts.isBindingElement(node) || ts.isBindingName(node) || ts.isVariableDeclaration(node)) {
    node = node.parent;
  }
  if (isVarList(node)) {
    return (
      ts.findAncestor(node, (above) => ts.isFunctionLike(above) || ts.isModuleBlock(above)) === undefined
    );
  }
  if (ts.isVariableDeclarationList(node) && !ts.isVariableStatement(node.parent)) {
    // Of a loop: it ends with the loop.
    return false;
  }
  const isImport = ts.isImportSpecifier(node) || ts.isImportClause(node) || ts.isNamespaceImport(node);
  const statement = isImport
    ? ts.findAncestor(node, ts.isImportDeclaration)
    : ts.isVariableDeclarationList(node)
      ? node.parent
      : node;
  return (
    statement !== undefined &&
    ts.isStatement(statement) &&
    ts.isSourceFile(statement.parent) &&
    !(ts.canHaveModifiers(statement) && hasModifier(statement, ts.SyntaxKind.DeclareKeyword))
  );
}
