import * as ts from "typescript";
import { callRuntime, runtimeProperty } from "./imports.js";
import { isVarList, namesIn } from "./names.js";
import { runtime } from "./runtime.js";

const { factory } = ts;

/**
 * The second half of a cell's way to JavaScript, when the types are gone: what the cell declares becomes an assignment to
 * a name that is there for all cells, so that closures see what later cells assign. Loops look at a flag, so that they
 * can be interrupted.
 *
 * @param declared the names that the cell declares
 */
export function rewriteDeclarations(
  declared: ReadonlySet<string>,
  reserved: ReadonlySet<string>,
): ts.TransformerFactory<ts.SourceFile> {
  const target = (name: ts.Identifier): ts.Expression =>
    reserved.has(name.text)
      ? factory.createPropertyAccessExpression(factory.createIdentifier(runtime.scope), name.text)
      : name;

  /** An assignment that gives a function or a class without a name the name of what it is assigned to. */
  const assign = (name: ts.Identifier, value: ts.Expression): ts.Expression => {
    const isNameless =
      ts.isArrowFunction(value) ||
      ((ts.isFunctionExpression(value) || ts.isClassExpression(value)) && !value.name);
    const table = factory.createObjectLiteralExpression([factory.createPropertyAssignment(name.text, value)]);
    const named =
      isNameless && reserved.has(name.text)
        ? factory.createPropertyAccessExpression(table, name.text)
        : value;
    return factory.createAssignment(target(name), named);
  };

  const toTarget = (name: ts.BindingName): ts.Expression => {
    if (ts.isIdentifier(name)) {
      return target(name);
    }
    if (ts.isArrayBindingPattern(name)) {
      const elements = name.elements.map((element) => {
        if (ts.isOmittedExpression(element)) {
          return element;
        }
        const part = withDefault(element);
        return element.dotDotDotToken ? factory.createSpreadElement(part) : part;
      });
      return factory.createArrayLiteralExpression(elements);
    }
    return factory.createObjectLiteralExpression(
      name.elements.map((element) => {
        const part = withDefault(element);
        return element.dotDotDotToken
          ? factory.createSpreadAssignment(part)
          : factory.createPropertyAssignment(
              element.propertyName ?? (element.name as ts.Identifier).text,
              part,
            );
      }),
    );
  };
  const withDefault = ({ name, initializer }: ts.BindingElement): ts.Expression =>
    initializer
      ? ts.isIdentifier(name)
        ? assign(name, initializer)
        : factory.createAssignment(toTarget(name), initializer)
      : toTarget(name);

  const isDeclared = (list: ts.VariableDeclarationList): boolean =>
    list.declarations.every(
      ({ name }) => !isMadeUp(name) && namesIn(name).every((text) => declared.has(text)),
    );

  /** Variables without a value get undefined by `let`, and stay as they are by `var`. */
  const toExpression = (list: ts.VariableDeclarationList): ts.Expression | undefined => {
    const parts = list.declarations.flatMap(({ name, initializer }) => {
      const value = initializer ?? (isVarList(list) ? undefined : factory.createVoidZero());
      const part =
        value &&
        (ts.isIdentifier(name) ? assign(name, value) : factory.createAssignment(toTarget(name), value));
      return part ? [ts.setTextRange(part, name)] : [];
    });
    return parts.length > 0 ? parts.reduce((all, part) => factory.createComma(all, part)) : undefined;
  };

  return (context) => (file) => {
    const check = (): ts.Statement =>
      factory.createIfStatement(
        factory.createElementAccessExpression(factory.createIdentifier(runtime.stop), 0),
        factory.createExpressionStatement(callRuntime("check")),
      );
    const guarded = (body: ts.Statement): ts.Statement =>
      factory.createBlock([check(), ...(ts.isBlock(body) ? body.statements : [body])], true);

    const visitIn =
      (isFunction: boolean) =>
      (node: ts.Node): ts.Node => {
        const inner = isFunction || ts.isFunctionLike(node) || ts.isClassLike(node);
        const visited = ts.visitEachChild(node, visitIn(inner), context);
        return rewrite(visited, inner);
      };
    const rewrite = (node: ts.Node, isFunction: boolean): ts.Node => {
      if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
        return callRuntime("load", ...node.arguments);
      }
      if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) {
        return runtimeProperty("meta");
      }
      if (
        !isFunction &&
        ts.isVariableStatement(node) &&
        isVarList(node.declarationList) &&
        isDeclared(node.declarationList)
      ) {
        const expression = toExpression(node.declarationList);
        return expression ? factory.createExpressionStatement(expression) : factory.createEmptyStatement();
      }
      if (ts.isForStatement(node)) {
        const { initializer: list } = node;
        const isRewritten = !isFunction && list && isVarList(list) && isDeclared(list);
        const start = isRewritten ? toExpression(list) : list;
        return factory.updateForStatement(
          node,
          start,
          node.condition,
          node.incrementor,
          guarded(node.statement),
        );
      }
      if (ts.isForOfStatement(node) || ts.isForInStatement(node)) {
        const { initializer: list, expression } = node;
        const start =
          !isFunction && isVarList(list) && isDeclared(list) ? toTarget(list.declarations[0]!.name) : list;
        return ts.isForOfStatement(node)
          ? factory.updateForOfStatement(node, node.awaitModifier, start, expression, guarded(node.statement))
          : factory.updateForInStatement(node, start, expression, guarded(node.statement));
      }
      if (ts.isWhileStatement(node)) {
        return factory.updateWhileStatement(node, node.expression, guarded(node.statement));
      }
      if (ts.isDoStatement(node)) {
        return factory.updateDoStatement(node, guarded(node.statement), node.expression);
      }
      return node;
    };
    const visit = visitIn(false);

    const variables: ts.Statement[] = [];
    const functions: ts.Statement[] = [];
    const imports: ts.Statement[] = [];
    const rest: ts.Statement[] = [];
    const statementOf = (expression: ts.Expression, from: ts.Node): ts.Statement =>
      ts.setTextRange(factory.createExpressionStatement(expression), from);
    for (const statement of file.statements) {
      if (ts.isFunctionDeclaration(statement)) {
        const { modifiers, name, asteriskToken, parameters, body } = visit(
          statement,
        ) as ts.FunctionDeclaration;
        const async = modifiers?.filter(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) as
          ts.Modifier[] | undefined;
        const value = factory.createFunctionExpression(
          async,
          asteriskToken,
          undefined,
          undefined,
          parameters,
          undefined,
          body!,
        );
        functions.push(...(name ? [statementOf(assign(name, value), statement)] : []));
      } else if (ts.isClassDeclaration(statement) && !(statement.name && reserved.has(statement.name.text))) {
        const { name, heritageClauses, members } = visit(statement) as ts.ClassDeclaration;
        const value = factory.createClassExpression(undefined, name, undefined, heritageClauses, members);
        rest.push(...(name ? [statementOf(assign(name, ts.setTextRange(value, statement)), statement)] : []));
      } else if (ts.isVariableStatement(statement) && isDeclared(statement.declarationList)) {
        const list = ts.visitEachChild(statement.declarationList, visit, context);
        // An enum, a namespace, a class, what stands beside `using`: made as a local, then stored, if it is kept in the
        // scope object.
        const locals = list.declarations.filter(
          ({ name }) => isMade(statement) && ts.isIdentifier(name) && reserved.has(name.text),
        );
        const others = list.declarations.filter((of) => !locals.includes(of));
        if (locals.length > 0) {
          const local = factory.updateVariableDeclarationList(list, locals);
          rest.push(factory.updateVariableStatement(statement, undefined, local));
        }
        for (const { name } of others.filter(({ initializer }) => isVarList(list) && !initializer)) {
          const value = factory.createAssignment(toTarget(name), factory.createVoidZero());
          variables.push(statementOf(value, statement));
        }
        const expression = toExpression(factory.updateVariableDeclarationList(list, others));
        rest.push(...(expression ? [statementOf(expression, statement)] : []));
      } else if (!ts.isExportDeclaration(statement)) {
        (isLoad(statement) ? imports : rest).push(visit(statement) as ts.Statement);
      }
    }
    return factory.updateSourceFile(file, [...variables, ...functions, ...imports, ...rest]);
  };
}

/** Whether TypeScript made up a name for use within the cell, such as the one by which a decorated class knows itself. */
function isMadeUp(name: ts.BindingName): boolean {
  return ts.isIdentifier(name) && ts.getOriginalNode(name).pos < 0;
}

/** Whether TypeScript made a statement out of something else. */
function isMade(statement: ts.VariableStatement): boolean {
  const original = ts.getOriginalNode(statement);
  return !ts.isVariableStatement(original) || original.pos < 0;
}

/** Whether it is what an import became. */
function isLoad(statement: ts.Statement): boolean {
  if (
    !ts.isExpressionStatement(statement) ||
    !ts.isBinaryExpression(statement.expression) ||
    !ts.isCallExpression(statement.expression.left)
  ) {
    return false;
  }
  const { expression } = statement.expression.left;
  return (
    ts.isPropertyAccessExpression(expression) &&
    ts.isIdentifier(expression.expression) &&
    expression.expression.text === runtime.cell &&
    expression.name.text === "bind"
  );
}
