using Aegis.Core.RepoMaps;

namespace Aegis.Core.Tests.RepoMaps;

/// <summary>Files of the largest size that is read, made to be gone through again and again. Work that grows
/// with the square of such a file, or of its lines, would take minutes for each.</summary>
public sealed class HostileSourceTests
{
    private const int BytesMax = 256 * 1024;

    public static TheoryData<string, string> Pieces { get; } = new()
    {
        { "a.cs", "\n" }, { "a.cs", " " }, { "a.cs", "using a\n" }, { "a.cs", "using a = " },
        { "a.java", "\n" }, { "a.java", "import a\n" }, { "a.java", "import a." },
        { "a.rs", "\n" }, { "a.rs", "pub(\n" }, { "a.rs", "use crate::" },
        { "a.go", "import(\n" }, { "a.go", "import \"" }, { "a.py", "from a import (\n" },
        { "a.py", "import a, " }, { "a.js", "import\n" }, { "a.js", "from '" }, { "a.js", "require(" },
    };

    [Theory]
    [MemberData(nameof(Pieces))]
    public void Imports_OfAHostileFile_End(string path, string piece)
    {
        foreach (var head in new[] { "", "import", "using", "from" })
        {
            var text = head + string.Concat(Enumerable.Repeat(piece, BytesMax / piece.Length));
            Assert.Empty(ImportGraph.Of([new SourceFile(path, text)])[path]);
        }
    }

    [Theory]
    [InlineData("a.cs", "public ", "a ")]
    [InlineData("a.cs", "public a", "<a ")]
    [InlineData("a.cs", "static", " ")]
    [InlineData("a.cs", "", "static ")]
    [InlineData("a.ts", "", " ")]
    [InlineData("a.ts", " a()", ":{ ")]
    [InlineData("a.ts", "export", " ")]
    [InlineData("a.py", "async", " ")]
    [InlineData("a.go", "func (", " ")]
    [InlineData("a.rs", "pub(", " ")]
    public void Symbols_OfHostileLines_End(string path, string head, string piece)
    {
        var line = head + string.Concat(
            Enumerable.Repeat(piece, (SymbolScan.LineCharsMax - head.Length) / piece.Length)) + "\n";
        Assert.Empty(SymbolScan.Of(new SourceFile(path,
            string.Concat(Enumerable.Repeat(line, BytesMax / line.Length)))));
    }
}
