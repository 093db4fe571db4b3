namespace Aegis.Cli;

/// <summary>A failure that ends a command: what, where and how to mend it, and the exit status.</summary>
internal sealed class CliException(int exit, string code, string message, string? mend = null)
    : Exception(message)
{
    public int Exit { get; } = exit;

    public string Code { get; } = code;

    public string? Mend { get; } = mend;
}
