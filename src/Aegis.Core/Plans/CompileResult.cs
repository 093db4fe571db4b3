using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Core.Plans;

/// <summary>A plan, or every error of the file at once.</summary>
public sealed record CompileResult(Plan? Plan, ImmutableArray<Diagnostic> Diagnostics)
{
    public bool Ok => Plan is not null;
}
