using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Aegis.Core.Deployments;

/// <summary>What browsers are told of a file by its name.</summary>
public static partial class WebFiles
{
    private static readonly FrozenDictionary<string, string> Types = new Dictionary<string, string>
    {
        ["html"] = "text/html; charset=utf-8", ["htm"] = "text/html; charset=utf-8",
        ["css"] = "text/css; charset=utf-8", ["js"] = "text/javascript; charset=utf-8",
        ["mjs"] = "text/javascript; charset=utf-8", ["json"] = "application/json",
        ["map"] = "application/json", ["webmanifest"] = "application/manifest+json",
        ["txt"] = "text/plain; charset=utf-8", ["md"] = "text/markdown; charset=utf-8",
        ["xml"] = "application/xml", ["csv"] = "text/csv; charset=utf-8", ["svg"] = "image/svg+xml",
        ["png"] = "image/png", ["jpg"] = "image/jpeg", ["jpeg"] = "image/jpeg", ["gif"] = "image/gif",
        ["webp"] = "image/webp", ["avif"] = "image/avif", ["ico"] = "image/x-icon", ["woff"] = "font/woff",
        ["woff2"] = "font/woff2", ["ttf"] = "font/ttf", ["otf"] = "font/otf", ["wasm"] = "application/wasm",
        ["pdf"] = "application/pdf", ["mp3"] = "audio/mpeg", ["mp4"] = "video/mp4", ["webm"] = "video/webm",
        ["zip"] = "application/zip",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>A file whose name holds a hash of its content, as bundlers write them.</summary>
    [GeneratedRegex(@"[.-][A-Za-z0-9_-]{8,}\.[A-Za-z0-9]+$")]
    private static partial Regex Hashed();

    public static string TypeOf(string path) =>
        Types.GetValueOrDefault(Extension(path), "application/octet-stream");

    /// <summary>A year for what never changes under its name, a question each time for pages, five minutes
    /// for the rest.</summary>
    public static string CacheOf(string path) => IsPage(path) ? "no-cache"
        : Hashed().IsMatch(Name(path)) && Name(path).Any(char.IsAsciiDigit)
            ? "public, max-age=31536000, immutable" : "public, max-age=300";

    /// <summary>Leads to other files, so that it must come after them.</summary>
    public static bool IsPage(string path) => Extension(path).ToUpperInvariant() is "HTML" or "HTM"
        || Name(path) is "sw.js" or "service-worker.js" or "manifest.webmanifest";

    private static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];

    private static string Extension(string path) =>
        Name(path) is var name && name.LastIndexOf('.') is var dot and >= 0 ? name[(dot + 1)..] : "";
}
