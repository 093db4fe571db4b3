using System.Collections.Immutable;
using System.Text;
using Aegis.Processes;

namespace Aegis.Cli.Git;

/// <summary>Runs the user's own git on the user's own repository. The key goes by environment, never by
/// arguments, which every process of the machine can read.</summary>
internal static class GitProgram
{
    /// <summary>What is read of git's output; the commands here print little.</summary>
    private const int OutputBytesMax = 1 << 20;

    private const int ErrorCharsMax = 2_000;

    public static Task<string> RunAsync(string directory, string[] arguments, CancellationToken cancel) =>
        RunAsync(directory, arguments, [], cancel);

    public static async Task<string> RunAsync(string directory, string[] arguments,
        IEnumerable<KeyValuePair<string, string>> environment, CancellationToken cancel)
    {
        if (!Directory.Exists(directory))
        {
            throw new CliException(
                ExitCode.Usage, "AEGIS7004", $"no such folder: {directory}", "check the path");
        }
        using var launcher = new ProcessLauncher();
        var spec = new ProcessSpec(
            "git", [.. arguments], Inherited(environment), Path.GetFullPath(directory));
        await using var git = await StartAsync(launcher, spec, cancel);
        var output = ReadAsync(git.Stdout, cancel);
        var error = ReadAsync(git.Stderr, cancel);
        var exit = await git.Exited.WaitAsync(cancel);
        if (exit.ShellCode == 0)
        {
            return await output;
        }
        var words = (await error).Trim();
        throw new CliException(ExitCode.Usage, "AEGIS7005",
            $"git {arguments[0]} in {directory} failed: {words[..Math.Min(words.Length, ErrorCharsMax)]}",
            "check that it is a git repository with a commit, and what git says above");
    }

    /// <summary>Sends the key as a header, for this one process and its children, to this one server
    /// only.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Credentials(Uri server, string key) =>
    [
        new("GIT_CONFIG_COUNT", "2"),
        new("GIT_CONFIG_KEY_0", $"http.{server.GetLeftPart(UriPartial.Authority)}/.extraHeader"),
        new("GIT_CONFIG_VALUE_0", $"Authorization: Bearer {key}"),
        new("GIT_CONFIG_KEY_1", "credential.helper"),
        new("GIT_CONFIG_VALUE_1", ""),
    ];

    // git finds its configuration there, and its hooks what they expect
    private static ImmutableSortedDictionary<string, string> Inherited(
        IEnumerable<KeyValuePair<string, string>> more) =>
        Inheritance.Of(more.Prepend(new("GIT_TERMINAL_PROMPT", "0")));

    private static async Task<LaunchedProcess> StartAsync(ProcessLauncher launcher, ProcessSpec spec,
        CancellationToken cancel)
    {
        try
        {
            return await launcher.StartAsync(spec, cancel);
        }
        catch (ProcessStartException e)
        {
            throw new CliException(
                ExitCode.Usage, "AEGIS7005", $"git cannot be started: {e.Message}", "install git");
        }
    }

    // reads to the end, so that git is never blocked, and keeps the beginning
    private static async Task<string> ReadAsync(Stream stream, CancellationToken cancel)
    {
        using var kept = new MemoryStream();
        var buffer = new byte[8192];
        while (await stream.ReadAsync(buffer, cancel) is var read and > 0)
        {
            kept.Write(buffer, 0, (int)Math.Min(read, OutputBytesMax - kept.Length));
        }
        return Encoding.UTF8.GetString(kept.ToArray());
    }
}
