namespace Aegis.Cli;

/// <summary>What a script can tell from the exit status; docs/cli.md has the same table.</summary>
public static class ExitCode
{
    public const int Ok = 0;

    /// <summary>The run failed, or what was to be verified or checked does not hold.</summary>
    public const int Failed = 1;

    public const int Usage = 2;
    public const int Unreachable = 3;

    /// <summary>No key, a wrong key, or one without the scope.</summary>
    public const int Denied = 4;

    /// <summary>The run was cancelled.</summary>
    public const int Cancelled = 5;

    /// <summary>The server refused: not found, exists, malformed, rejected.</summary>
    public const int Refused = 6;

    /// <summary>The server failed.</summary>
    public const int ServerError = 7;

    /// <summary>Ctrl-C; a run that was being watched goes on.</summary>
    public const int Interrupted = 130;
}
