namespace Aegis.Core.Errors;

/// <summary>One refusal or failure as every door shows it: a stable code (see contracts/errors.yaml), what
/// was wrong, and how to mend it. Text may reach a client: no secret, no path of the host, no stack
/// trace.</summary>
public sealed record AegisError(string Code, string Message, string? Expected = null, string? Got = null,
    string? Mend = null)
{
    /// <summary>Where in the value that was judged the error lies; null where that says nothing.</summary>
    public ErrorPlace? Place { get; init; }

    public override string ToString() =>
        $"{Code}: {Message}"
        + (Expected is null ? "" : $"; expected {Expected}")
        + (Got is null ? "" : $"; got {Got}")
        + (Mend is null ? "" : $". {Mend}");
}

/// <summary>A place in a source file. Lines and columns count from 1.</summary>
public readonly record struct SourceSpan(string File, int Line, int Column);

/// <summary>An error at a place of a file that a user wrote.</summary>
public sealed record Diagnostic(SourceSpan At, AegisError Error)
{
    public override string ToString() => $"{At.File}:{At.Line}:{At.Column}: {Error}";
}

/// <summary>An expected refusal that crosses a layer which returns a plain value; doors turn it into a
/// problem document, the pump into a failed task.</summary>
public sealed class AegisException(AegisError error) : Exception(error.ToString())
{
    public AegisError Error { get; } = error;
}

/// <summary>A state that must not exist. It stops the run, not the process.</summary>
public sealed class InvariantViolationException(string message) : Exception(message);
