using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Core.Profiles;

/// <summary>A file as read: the value, or every error of the file at its place, never both.</summary>
public sealed record ParseResult<T>(T? Value, ImmutableArray<Diagnostic> Errors)
    where T : class
{
    public bool Ok => Errors.IsEmpty;
}
