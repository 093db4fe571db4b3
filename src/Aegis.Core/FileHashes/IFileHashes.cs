using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Core.FileHashes;

/// <summary>What <c>hashFiles()</c> asks of the place where its expression stands; the core reads no files
/// itself.</summary>
public interface IFileHashes
{
    /// <summary>The hash of the files that the patterns choose.</summary>
    /// <param name="patterns">The arguments as text; each may hold several lines.</param>
    FileHash HashOf(ImmutableArray<string> patterns);
}

/// <param name="Hash">64 hex digits in lower case, or empty where no file was chosen; null with an
/// error.</param>
public readonly record struct FileHash(string? Hash, AegisError? Error);
