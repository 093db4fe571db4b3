namespace Aegis.Tools.Quality;

/// <summary>A file under review.</summary>
/// <param name="Path">Relative to the reviewed folder.</param>
/// <param name="Kind">js, ts, py, sh, docker, npm (a lock file), or null for any other.</param>
/// <param name="HasShebang">False for a shell library that says not which shell it is for.</param>
public sealed record ReviewFile(string Path, long Bytes, string? Kind = null, bool HasShebang = false)
{
    private static readonly string[] Shells = ["sh", "bash", "dash", "ksh"];

    /// <summary>Tells the kind by the name's end, or by the first line.</summary>
    public ReviewFile WithKind(string? firstLine)
    {
        var program = Program(firstLine);
        var kind = ByName(System.IO.Path.GetFileName(Path)) ?? System.IO.Path.GetExtension(Path) switch
        {
            ".js" or ".cjs" or ".mjs" or ".jsx" => "js",
            ".ts" or ".cts" or ".mts" or ".tsx" => "ts",
            ".py" or ".pyw" => "py",
            ".sh" or ".bash" when program is null || Shells.Contains(program) => "sh",
            "" when program == "node" => "js",
            "" when program?.StartsWith("python", StringComparison.Ordinal) == true => "py",
            "" when Shells.Contains(program) => "sh",
            _ => null,
        };
        return this with { Kind = kind, HasShebang = program is not null };
    }

    private static string? ByName(string name) => name switch
    {
        "package-lock.json" or "npm-shrinkwrap.json" => "npm",
        "Dockerfile" or "Containerfile" => "docker",
        _ when name.StartsWith("Dockerfile.", StringComparison.Ordinal)
            || name.EndsWith(".dockerfile", StringComparison.OrdinalIgnoreCase) => "docker",
        _ => null,
    };

    // #!/bin/sh, #!/usr/bin/env bash, #!/usr/bin/env -S node --flag
    private static string? Program(string? line)
    {
        if (line is null || !line.StartsWith("#!", StringComparison.Ordinal))
        {
            return null;
        }
        var words = line[2..].Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
        var names = words.Select(word => word[(word.LastIndexOf('/') + 1)..]).ToArray();
        return names.FirstOrDefault() != "env" ? names.FirstOrDefault()
            : names.Skip(1).FirstOrDefault(name => !name.StartsWith('-'));
    }
}
