namespace Aegis.Core.Languages;

/// <summary>Tells tests, and what only tests need, by their names and folders.</summary>
public static class TestPaths
{
    public static bool IsTest(string path)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        return IsBelow(path, "test", "tests", "__tests__", "spec")
            || name.StartsWith("test_", StringComparison.Ordinal)
            || name.Contains(".test.", StringComparison.Ordinal)
            || name.Contains(".spec.", StringComparison.Ordinal)
            || name.EndsWith("_test.py", StringComparison.Ordinal)
            || name.EndsWith("Tests.cs", StringComparison.Ordinal)
            || name.EndsWith("Tests.csproj", StringComparison.Ordinal);
    }

    /// <summary>A test, or what tests read.</summary>
    public static bool IsForTests(string path) => IsTest(path)
        || IsBelow(path, "e2e", "fixtures", "testdata", "__mocks__")
        || path.EndsWith("conftest.py", StringComparison.Ordinal)
        || path.EndsWith("_test.go", StringComparison.Ordinal);

    private static bool IsBelow(string path, params ReadOnlySpan<string> folders)
    {
        foreach (var part in path.Split('/')[..^1])
        {
            if (folders.Contains(part))
            {
                return true;
            }
        }
        return false;
    }
}
