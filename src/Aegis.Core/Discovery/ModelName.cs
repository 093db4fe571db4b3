using System.Text.RegularExpressions;
using Aegis.Core.Errors;

namespace Aegis.Core.Discovery;

/// <summary>A model of a hub: a repository, or one file of it, as <c>owner/name</c> or
/// <c>owner/name:folder/file.gguf</c>. What parses can stand in an address and in a path: it leads out of
/// neither.</summary>
public sealed partial record ModelName(string Repository, string? File)
{
    public const int CharsMax = 500;

    public override string ToString() => File is null ? Repository : $"{Repository}:{File}";

    /// <exception cref="AegisException">AEGIS2499.</exception>
    public static ModelName Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var repository = colon < 0 ? text : text[..colon];
        var file = colon < 0 ? null : text[(colon + 1)..];
        return text.Length <= CharsMax && RepositoryName().IsMatch(repository)
            && !repository.Split('/').Any(IsDots) && (file is null || IsPath(file))
            ? new ModelName(repository, file)
            : throw new AegisException(new AegisError("AEGIS2499", "that is no name of a model",
                "owner/name, or owner/name:file", text.Length <= 100 ? text : text[..100] + "…",
                "aegis models search QUERY shows names"));
    }

    /// <summary>Whether a file's name in a repository is one that we write below a folder.</summary>
    public static bool IsPath(string file) =>
        file.Length is > 0 and <= 400 && FilePath().IsMatch(file)
            && file.Split('/').All(part => part.Length is > 0 and <= 200 && !IsDots(part));

    private static bool IsDots(string part) => part.All(c => c == '.');

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,95}(/[A-Za-z0-9._-]{1,96})?$",
        RegexOptions.CultureInvariant)]
    private static partial Regex RepositoryName();

    [GeneratedRegex(@"^[A-Za-z0-9._+=@ ()\[\],~-]+(/[A-Za-z0-9._+=@ ()\[\],~-]+)*$",
        RegexOptions.CultureInvariant)]
    private static partial Regex FilePath();
}
