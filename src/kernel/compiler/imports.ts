import * as ts from "typescript";
import type { Import } from "./names.js";
import { runtime } from "./runtime.js";

const { factory } = ts;

/** `__cell.name(...values)` */
export function callRuntime(name: string, ...values: ts.Expression[]): ts.CallExpression {
  return factory.createCallExpression(runtimeProperty(name), undefined, values);
}

/** `__cell.name` */
export function runtimeProperty(name: string): ts.PropertyAccessExpression {
  return factory.createPropertyAccessExpression(factory.createIdentifier(runtime.cell), name);
}

/**
 * What a cell does for an import: loads the module, and gives the names. Names of types are left out, and so is an import
 * of nothing else. A name that this cell does not use may be used by the next, so TypeScript's own way, to leave out
 * whatever is not used, does not do.
 */
export function importStatement(
  node: Import,
  checker: ts.TypeChecker,
  isDone: ts.Expression,
): ts.Statement | undefined {
  const names: [string, string][] = [];
  const add = (
    declaration: ts.ImportClause | ts.ImportSpecifier | ts.NamespaceImport,
    from: string,
  ): void => {
    const symbol = declaration.name && checker.getSymbolAtLocation(declaration.name);
    if (symbol && isValue(symbol, checker)) {
      names.push([symbol.name, from]);
    }
  };
  let specifier: ts.Expression;
  if (ts.isImportEqualsDeclaration(node)) {
    if (node.isTypeOnly) {
      return undefined;
    }
    specifier = node.moduleReference.expression;
    names.push([node.name.text, "="]);
  } else {
    const { importClause } = node;
    const bindings = importClause?.namedBindings;
    if (importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword) {
      return undefined;
    }
    specifier = node.moduleSpecifier;
    if (importClause?.name) {
      add(importClause, "default");
    }
    if (bindings && ts.isNamespaceImport(bindings)) {
      add(bindings, "*");
    } else {
      bindings?.elements
        .filter((element) => !element.isTypeOnly)
        .forEach((element) => {
          add(element, (element.propertyName ?? element.name).text);
        });
    }
    if (importClause && names.length === 0) {
      return undefined;
    }
  }
  const load = factory.createAwaitExpression(callRuntime("load", specifier));
  const table = names.map(([name, from]) =>
    factory.createPropertyAssignment(
      factory.createComputedPropertyName(factory.createStringLiteral(name)),
      factory.createStringLiteral(from),
    ),
  );
  const bind = callRuntime("bind", load, factory.createObjectLiteralExpression(table));
  return ts.setTextRange(factory.createExpressionStatement(factory.createComma(bind, isDone)), node);
}

function isValue(symbol: ts.Symbol, checker: ts.TypeChecker): boolean {
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return (target.flags & ts.SymbolFlags.Value) !== 0;
}

/** `import cm = Units.cm` is a variable, if it names a value. */
export function aliasStatement(
  node: ts.ImportEqualsDeclaration,
  checker: ts.TypeChecker,
): ts.Statement | undefined {
  const symbol = checker.getSymbolAtLocation(node.name);
  if (!symbol || !isValue(symbol, checker) || ts.isExternalModuleReference(node.moduleReference)) {
    return undefined;
  }
  const toExpression = (name: ts.EntityName): ts.Expression =>
    ts.isIdentifier(name)
      ? name
      : factory.createPropertyAccessExpression(toExpression(name.left), name.right);
  const declaration = factory.createVariableDeclaration(
    node.name,
    undefined,
    undefined,
    toExpression(node.moduleReference),
  );
  return ts.setTextRange(factory.createVariableStatement(undefined, [declaration]), node);
}
