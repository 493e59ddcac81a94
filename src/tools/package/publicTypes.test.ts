/** Whether users can name every type that the package's functions speak of. */
import assert from "node:assert/strict";
import { join, sep } from "node:path";
import test from "node:test";
import ts from "typescript";
import { library } from "./install.js";

const dist = join(library, "dist") + sep;
const program = ts.createProgram([join(dist, "index.d.ts")], {
  module: ts.ModuleKind.Node16,
  moduleResolution: ts.ModuleResolutionKind.Node16,
  skipLibCheck: true,
});
const checker = program.getTypeChecker();

const follow = (symbol: ts.Symbol): ts.Symbol =>
  symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;

const exported = checker
  .getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(join(dist, "index.d.ts"))!)!)
  .map((symbol) => ({ name: symbol.name, symbol: follow(symbol) }));
const named = new Set(exported.map(({ symbol }) => symbol));

/** Whether a type is the compiler's business, worked out from a table (keyof, typeof, mapped): users see what it comes to. */
function isWorkedOut(declaration: ts.Declaration): boolean {
  return (
    ts.isTypeAliasDeclaration(declaration) &&
    !ts.isTypeLiteralNode(declaration.type) &&
    !ts.isUnionTypeNode(declaration.type) &&
    !ts.isFunctionTypeNode(declaration.type)
  );
}

/** Types of this package that a declaration names and the package does not export. */
function hidden(declaration: ts.Node): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const type = typeNamedBy(node);
    const own = type?.declarations?.filter(
      (each) =>
        each.getSourceFile().fileName.startsWith(dist) &&
        !ts.isTypeParameterDeclaration(each) &&
        !isWorkedOut(each),
    );
    if (type && own && own.length > 0 && !named.has(type)) {
      // A part that a type is put together from needs no name of its own; what it mentions does.
      const isPart = ts.isExpressionWithTypeArguments(node) || ts.isIntersectionTypeNode(node.parent);
      found.push(...(isPart ? own.flatMap(hidden) : [type.name]));
    }
    ts.forEachChild(node, visit);
  };
  visit(declaration);
  return found;
}

function typeNamedBy(node: ts.Node): ts.Symbol | undefined {
  const name = ts.isTypeReferenceNode(node)
    ? node.typeName
    : ts.isExpressionWithTypeArguments(node)
      ? node.expression
      : ts.isImportTypeNode(node)
        ? node.qualifier
        : undefined;
  const symbol = name && checker.getSymbolAtLocation(name);
  return symbol && follow(symbol);
}

test("every type that a public function, type or value mentions is exported by name", () => {
  const missing = exported.flatMap(({ name, symbol }) =>
    (symbol.declarations ?? []).flatMap(hidden).map((type) => `${name} mentions ${type}`),
  );
  assert.ok(named.size > 50, `${named.size} exports were found`);
  assert.deepEqual([...new Set(missing)], []);
});

test("the types import nothing but the package's own files and its dependencies", () => {
  const foreign = program
    .getSourceFiles()
    .filter(({ fileName }) => fileName.startsWith(dist))
    .flatMap((file) =>
      [...file.text.matchAll(/(?:from |import\(|import )"([^."][^"]*)"/g)].map(([, name]) => name!),
    )
    .filter((name) => !name.startsWith("node:"));
  assert.deepEqual([...new Set(foreign)], ["@tensorflow/tfjs-node"]);
});
