using System.Text;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Aegis.Tidy.Tests;

/// <summary>One code of contracts/errors/*.yaml.</summary>
internal sealed record RegisteredError
{
    public string Code { get; init; } = "";

    public string Title { get; init; } = "";

    public string Meaning { get; init; } = "";

    public string Mend { get; init; } = "";

    /// <summary>The status with which a door answers; null where none shows it.</summary>
    public int? Http { get; init; }

    public string PageFile => $"docs/errors/{Code}.md";

    public string Page()
    {
        var text = new StringBuilder()
            .Append("<!-- generated from contracts/errors by ./aegis docs -->\n")
            .Append($"# {Code}: {Title}\n\n{Meaning}\n\n**Mend.** {Mend}\n");
        if (Http is { } status)
        {
            text.Append($"\nDoors answer with HTTP status {status}.\n");
        }
        return text.ToString();
    }
}

internal static class ErrorRegistry
{
    public const string IndexFile = "docs/errors/README.md";

    private static readonly IDeserializer Yaml = new DeserializerBuilder()
        .WithNamingConvention(UnderscoredNamingConvention.Instance).Build();

    public static IReadOnlyList<(string File, RegisteredError Error)> Read() =>
    [
        .. SourceTree.In(".yaml", "contracts/errors/")
            .SelectMany(file => (Yaml.Deserialize<List<RegisteredError>>(SourceTree.Text(file)) ?? [])
                .Select(error => (file, error)))
            .OrderBy(e => e.error.Code, StringComparer.Ordinal),
    ];

    public static string Index(IEnumerable<RegisteredError> errors)
    {
        var text = new StringBuilder()
            .Append("<!-- generated from contracts/errors by ./aegis docs -->\n")
            .Append("# Error codes\n\n| code | what | HTTP |\n|---|---|---|\n");
        foreach (var error in errors)
        {
            text.Append($"| [{error.Code}]({error.Code}.md) | {error.Title} | {error.Http} |\n");
        }
        return text.ToString();
    }
}
