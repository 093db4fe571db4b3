using System.Text;
using Aegis.Core.Errors;

namespace Aegis.Core.Deployments.Sites;

/// <summary>Where the objects of a site stand in its bucket.</summary>
/// <param name="Prefix">Before every key: empty, or with a slash at its end.</param>
/// <param name="Name">The deployment.</param>
public sealed record SiteNames(string Prefix, string Name)
{
    /// <summary>The folder in which contents and releases are kept; no file of a site may be in
    /// it.</summary>
    public const string Kept = ".aegis";

    public string Contents => $"{Prefix}{Kept}/{Name}/contents/";

    public string Current => $"{Prefix}{Kept}/{Name}/current.json";

    public string Releases => $"{Prefix}{Kept}/{Name}/releases/";

    public string Live(string path) => Prefix + path;

    public string Content(string sha256) => Contents + sha256;

    public string Release(string id) => $"{Releases}{id}.json";

    /// <summary>What is wrong with a file's path in a site; null for nothing.</summary>
    public AegisError? Fault(string path)
    {
        var why = path.Length == 0 || path.Split('/').Any(s => s is "" or "." or "..") ? "leaves the site"
            : path.Any(char.IsControl) ? "holds a control character"
            : path.Contains('\uFFFD', StringComparison.Ordinal) ? "is no UTF-8"
            : path == Kept || path.StartsWith(Kept + "/", StringComparison.Ordinal)
                ? "is where releases are kept"
            : Encoding.UTF8.GetByteCount(Live(path)) > SiteLimits.KeyBytesMax
                ? $"has more than {SiteLimits.KeyBytesMax} bytes with the prefix" : null;
        return why is null ? null : new AegisError("AEGIS2674",
            $"a name of the site {why}", "names that every browser and bucket can hold",
            new string([.. path.Where(c => !char.IsControl(c)).Take(200)]), "give the file another name");
    }

    /// <summary>Empty, or segments with a slash at the end; null for what is neither.</summary>
    public static string? PrefixOf(string text)
    {
        var prefix = text.Trim('/');
        return prefix.Length == 0 ? ""
            : prefix.Length <= SiteLimits.PrefixCharsMax && prefix.Split('/').All(s => s.Length > 0
                && s is not ("." or ".." or Kept)
                && s.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '~'))
            ? prefix + "/" : null;
    }
}
