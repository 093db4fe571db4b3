using System.Collections.Immutable;
using Aegis.Core.RepoMaps;

namespace Aegis.Core.Tests.RepoMaps;

public sealed class ImportGraphTests
{
    [Theory]
    [InlineData("src/a.ts", "import { b } from './b.js'; import c from \"../lib/c\";", "src/b.ts",
        "lib/c/index.ts")]
    [InlineData("test/a.test.mjs", "const b = require('../src/b.cjs')\nawait import('../src/c.mjs')",
        "src/b.cjs", "src/c.mjs")]
    [InlineData("a.js", "import './x.js'; import 'react'", "x.js", null)]
    [InlineData("app/a.py", "import app.b as b, os\nfrom .c import d", "app/b.py", "app/c.py")]
    [InlineData("tests/test_a.py", "from shop import (\n  cart,\n  till,\n)", "shop/cart.py",
        "src/shop/till.py")]
    [InlineData("tests/test_b.py", "from shop.cart import Cart", "src/shop/cart.py", null)]
    [InlineData("a/deep/x.py", "from ..y import z", "a/y.py", null)]
    [InlineData("cmd/main.go", "import (\n\t\"fmt\"\n\ts \"example.org/m/stock\"\n)", "stock/a.go",
        "stock/b.go")]
    [InlineData("stock/a_test.go", "package stock", "stock/a.go", null)]
    [InlineData("src/lib.rs", "mod a;\nuse crate::b::c::D;", "src/a.rs", "src/b/c.rs")]
    [InlineData("src/b/mod.rs", "use super::a::X;", "src/a.rs", null)]
    [InlineData("src/test/java/org/x/ATest.java",
        "package org.x;\nimport static org.y.C.sum;\nclass ATest { A a; }",
        "src/main/java/org/x/A.java", "src/main/java/org/y/C.java")]
    public void Imports_AreResolvedInTheRepository(string path, string text, string first, string? second)
    {
        var files = new[] { new SourceFile(path, text) }.Concat(new[] { first, second }.OfType<string>()
            .Select(p => new SourceFile(p, Body(p)))).ToList();
        if (path.EndsWith(".go", StringComparison.Ordinal))
        {
            files.Add(new SourceFile("go.mod", "module example.org/m\n"));
        }
        if (path.StartsWith("src/lib", StringComparison.Ordinal) || path.StartsWith("src/b/mod"))
        {
            files.AddRange(files.Any(f => f.Path == "src/lib.rs") ? [] : [new SourceFile("src/lib.rs", "")]);
        }
        Assert.Equal(new[] { first, second }.OfType<string>().Order(StringComparer.Ordinal),
            ImportGraph.Of([.. files])[path].AsEnumerable());
    }

    [Fact]
    public void CSharp_ATypeCountsWhereItsNamespaceIsSeen()
    {
        var imports = ImportGraph.Of([
            new("A.cs", "namespace Shop.Sales;\npublic class A { B b; C c; D d; }"),
            new("B.cs", "namespace Shop;\npublic sealed class B { }"),
            new("C.cs", "namespace Other;\npublic class C { }"),
            new("ATests.cs", "using Shop.Sales;\nnamespace Tests;\nclass ATests { A a; }"),
        ]);
        Assert.Equal(["B.cs"], imports["A.cs"].AsEnumerable());
        Assert.Equal(["A.cs"], imports["ATests.cs"].AsEnumerable());
        Assert.Equal(["ATests.cs"], AffectedTests.Of(imports, ["B.cs"]).AsEnumerable());
        Assert.Empty(AffectedTests.Of(imports, ["C.cs"]));
    }

    [Fact]
    public void AffectedTests_OfWhatTheGraphDoesNotKnow_CannotBeTold()
    {
        var imports = ImportGraph.Of([new("a.js", ""), new("a.test.js", "import './a.js'")]);
        Assert.Equal(["a.test.js"], AffectedTests.Of(imports, ["a.js"]).AsEnumerable());
        Assert.Empty(AffectedTests.Of(imports, ["a.js", "package.json"]));
        Assert.Empty(AffectedTests.Of(imports, ["gone.js"]));
    }

    [Theory]
    [InlineData("tests/test_a.py", true)]
    [InlineData("a_test.go", true)]
    [InlineData("src/a.spec.tsx", true)]
    [InlineData("test/a.js", true)]
    [InlineData("CartTests.cs", true)]
    [InlineData("src/contest.py", false)]
    [InlineData("latest.js", false)]
    public void IsTest_GoesByTheName(string path, bool test) =>
        Assert.Equal(test, AffectedTests.IsTest(path));

    [Fact]
    public void Importers_ComeThroughCircles()
    {
        var imports = ImportGraph.Of([new("a.js", "import './b.js'"), new("b.js", "import './a.js'"),
            new("c.js", "import './a.js'"), new("d.js", "")]);
        Assert.Equal(["a.js", "b.js", "c.js"], ImportGraph.Importers(imports, ["b.js"]));
    }

    private static string Body(string path)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        return !path.EndsWith(".java", StringComparison.Ordinal) ? ""
            : $"package org.{Path.GetFileName(Path.GetDirectoryName(path))};\npublic class {name} {{ }}";
    }
}
