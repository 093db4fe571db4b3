using System.Net;
using Aegis.Client;

namespace Aegis.Cli;

/// <summary>Any failure as lines for a person and an exit status: what, where, and the mend.</summary>
internal static class Failure
{
    public static int Report(Exception exception, TextWriter error)
    {
        switch (exception)
        {
            case CliException e:
                Write(error, e.Code, e.Message, null, null, e.Mend);
                return e.Exit;
            case AegisApiException e:
                Report(e.Problem, error);
                return Exit(e.Status);
            case RpcException e:
                Report(e.Problem, error);
                return Exit((HttpStatusCode)e.Problem.Status);
            case AegisUnreachableException e:
                Write(error, "AEGIS7002", e.Message, null, null,
                    "start the server with ./aegis up, or set AEGIS_URL");
                return ExitCode.Unreachable;
            case OperationCanceledException:
                return ExitCode.Interrupted;
            case Exception e when e is IOException or UnauthorizedAccessException:
                Write(error, "AEGIS7004", e.Message, null, null, "check the path and its permissions");
                return ExitCode.Usage;
            default:
                throw new InvalidOperationException("unexpected failure", exception);
        }
    }

    public static int Exit(HttpStatusCode status) => (int)status switch
    {
        401 or 403 => ExitCode.Denied,
        >= 500 => ExitCode.ServerError,
        _ => ExitCode.Refused,
    };

    private static void Report(Problem problem, TextWriter error)
    {
        Write(error, problem.Code, problem.Detail ?? problem.Title ?? "refused", problem.Expected,
            problem.Got, problem.Mend);
        foreach (var entry in problem.Errors ?? [])
        {
            error.WriteLine(
                Place(entry.File, entry.Line, entry.Column, entry.Code, entry.Message, entry.Expected,
                entry.Got, entry.Mend));
        }
    }

    /// <summary>One diagnostic in the form that editors jump to:
    /// <c>file:line:column: code: text</c>.</summary>
    public static string Place(string? file, int? line, int? column, string code, string message,
        string? expected, string? got, string? mend) =>
        Terminal.Visible($"{file}:{line}:{column}: {code}: {message}"
            + (expected is null ? "" : $"; expected {expected}")
            + (got is null ? "" : $"; got {got}")
            + (mend is null ? "" : $". {mend}"));

    public static void Write(TextWriter error, string code, string message, string? expected, string? got,
        string? mend, string subject = "aegis")
    {
        error.WriteLine(Terminal.Visible($"{subject}: {code}: {message}"));
        foreach (var (name, value) in new[] { ("expected", expected), ("got", got), ("mend", mend) })
        {
            if (value is not null)
            {
                error.WriteLine(Terminal.Visible($"  {name}: {value}"));
            }
        }
    }
}
