using System.Text.Json;

namespace Aegis.Tools.Quality;

/// <summary>The rules for a project that brings none of its own: only what is wrong or dangerous in any code.
/// In eslint's old and new forms of configuration, from one list.</summary>
internal static class EslintConfig
{
    private static readonly (string Rule, string Level)[] Rules =
    [
        ("no-eval", "error"), ("no-implied-eval", "error"), ("no-new-func", "error"),
            ("no-script-url", "error"),
        ("no-cond-assign", "error"), ("no-const-assign", "error"), ("no-dupe-args", "error"),
        ("no-dupe-keys", "error"), ("no-dupe-class-members", "error"), ("no-func-assign", "error"),
        ("no-obj-calls", "error"), ("no-redeclare", "error"), ("no-self-assign", "error"),
        ("no-self-compare", "error"), ("no-unreachable", "error"), ("no-unsafe-finally", "error"),
        ("no-unsafe-negation", "error"), ("use-isnan", "error"), ("valid-typeof", "error"),
        ("no-debugger", "error"), ("no-fallthrough", "warn"), ("no-unused-vars", "warn"),
    ];

    /// <summary>For eslint before 9: a JSON file. Modules are named one by one, for no name tells
    /// them.</summary>
    public static string Legacy(IEnumerable<string> modules) => JsonSerializer.Serialize(new
    {
        root = true,
        env = new { es6 = true, node = true, browser = true, jest = true },
        parserOptions = new
        {
            ecmaVersion = 2020,
            ecmaFeatures = new { jsx = true, globalReturn = true },
        },
        rules = Rules.ToDictionary(rule => rule.Rule, rule => rule.Level),
        overrides = modules.ToArray() is { Length: > 0 } files
            ? new object[] { new { files, parserOptions = new { sourceType = "module",
                ecmaFeatures = new { jsx = true, globalReturn = false } } } } : [],
    });

    /// <summary>For eslint 9 and later: a module.</summary>
    public static string Flat(IEnumerable<string> modules)
    {
        var rules = JsonSerializer.Serialize(Rules.ToDictionary(rule => rule.Rule, rule => rule.Level));
        var files = modules.ToArray();
        const string Jsx = "parserOptions: { ecmaFeatures: { jsx: true } }";
        var ofModules = files.Length == 0 ? "" : $$"""
            { files: {{JsonSerializer.Serialize(files)}},
              languageOptions: { sourceType: "module", {{Jsx}} } },
            """;
        return $$"""
            export default [
              { files: ["**/*.js", "**/*.cjs", "**/*.mjs", "**/*.jsx"],
                languageOptions: { sourceType: "commonjs", {{Jsx}} }, rules: {{rules}} },
              {{ofModules}}
            ];
            """;
    }
}
