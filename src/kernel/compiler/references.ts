import * as ts from "typescript";
import { aliasStatement, importStatement, runtimeProperty } from "./imports.js";
import { declaredNames, inOrder, isImport, isTopLevel } from "./names.js";
import { runtime } from "./runtime.js";

const { factory } = ts;

/**
 * The first half of a cell's way to JavaScript, on TypeScript's own syntax tree and with its types: imports become calls,
 * the last expression is kept as the cell's value, and names that can't be global are looked up in the scope object.
 */
export function rewriteReferences(
  checker: ts.TypeChecker,
  isCell: (file: ts.SourceFile) => boolean,
  reserved: ReadonlySet<string>,
): ts.TransformerFactory<ts.SourceFile> {
  return (context) => (file) => {
    const isReserved = (node: ts.Identifier): boolean => {
      if (!reserved.has(node.text)) {
        return false;
      }
      const symbol = ts.isShorthandPropertyAssignment(node.parent)
        ? checker.getShorthandAssignmentValueSymbol(node.parent)
        : (node.parent as ts.NamedDeclaration).name === node
          ? undefined
          : checker.getSymbolAtLocation(node);
      const declarations = symbol?.declarations ?? [];
      // Within itself, a class, an enum or a namespace has a name of its own.
      const isWithin = (part: ts.Declaration): boolean =>
        !ts.isFunctionDeclaration(part) &&
        !ts.isVariableDeclaration(part) &&
        ts.findAncestor(node, (above) => above === part) !== undefined;
      return (
        declarations.some((part) => isCell(part.getSourceFile()) && isTopLevel(part)) &&
        !declarations.some(isWithin)
      );
    };
    const visit = (node: ts.Node): ts.Node | undefined => {
      if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) {
        return node;
      }
      if (ts.isIdentifier(node) && isReserved(node)) {
        return scopeProperty(node);
      }
      if (ts.isShorthandPropertyAssignment(node) && isReserved(node.name)) {
        const { name, objectAssignmentInitializer: initial } = node;
        const target = scopeProperty(name);
        return factory.createPropertyAssignment(
          factory.createIdentifier(name.text),
          initial ? factory.createAssignment(target, ts.visitNode(initial, visit) as ts.Expression) : target,
        );
      }
      if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && isReserved(node.expression)) {
        // Called as a property, it would get the scope object as `this`.
        const callee = factory.createComma(factory.createNumericLiteral(0), scopeProperty(node.expression));
        const values = ts.visitNodes(node.arguments, visit) as ts.NodeArray<ts.Expression>;
        return factory.updateCallExpression(
          node,
          factory.createParenthesizedExpression(callee),
          undefined,
          values,
        );
      }
      return ts.visitEachChild(node, visit, context);
    };
    const last = file.statements.findLastIndex(
      (statement) => !ts.isExportDeclaration(statement) && !ts.isEmptyStatement(statement),
    );
    const order = inOrder(file.statements);
    const isUsing = order.some((of) => ts.isVariableStatement(of) && isUsingList(of.declarationList));
    /** Whether it becomes a local variable of the cell's code: within a class of the same name, or a block by `using`. */
    const isMadeLocal = (of: ts.Statement): boolean =>
      ts.isEnumDeclaration(of) ||
      ts.isModuleDeclaration(of) ||
      ts.isClassDeclaration(of) ||
      (isUsing && ts.isVariableStatement(of));
    const isDone = (statement: ts.Statement | undefined): ts.Expression =>
      factory.createAssignment(
        runtimeProperty("done"),
        factory.createNumericLiteral(order.indexOf(statement!)),
      );
    const statements = file.statements.flatMap((statement, i): ts.Statement[] => {
      if (isImport(statement)) {
        return present(importStatement(statement, checker, isDone(statement)));
      }
      if (ts.isImportEqualsDeclaration(statement)) {
        const alias = aliasStatement(statement, checker);
        return present(alias && (visit(alias) as ts.Statement));
      }
      if (ts.isExportDeclaration(statement)) {
        return [];
      }
      if (ts.isExportAssignment(statement) || (i === last && ts.isExpressionStatement(statement))) {
        const value = ts.visitNode(statement.expression, visit) as ts.Expression;
        const kept = i === last ? factory.createAssignment(runtimeProperty("value"), value) : value;
        return [ts.setTextRange(factory.createExpressionStatement(kept), statement)];
      }
      const names = declaredNames(statement);
      const kept = [visit(statement) as ts.Statement];
      if (isMadeLocal(statement)) {
        const local = names
          .filter((name) => reserved.has(name))
          .map((name) => factory.createIdentifier(name));
        kept.push(...local.map((name) => toStatement(factory.createAssignment(scopeProperty(name), name))));
      }
      if (names.length > 0 && !ts.isFunctionDeclaration(statement)) {
        kept.push(toStatement(isDone(statement)));
      }
      return kept;
    });
    // An import of types alone leaves nothing that could say that it is done.
    const isImported = order.some(isImport) ? [toStatement(isDone(order.findLast(isImport)))] : [];
    return factory.updateSourceFile(file, [...isImported, ...statements]);
  };
}

function present<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}

function scopeProperty(name: ts.Identifier): ts.Expression {
  const property = factory.createPropertyAccessExpression(factory.createIdentifier(runtime.scope), name.text);
  return ts.setTextRange(property, name);
}

function isUsingList({ flags }: ts.VariableDeclarationList): boolean {
  return (flags & ts.NodeFlags.Using) !== 0;
}

function toStatement(expression: ts.Expression): ts.Statement {
  return factory.createExpressionStatement(expression);
}
