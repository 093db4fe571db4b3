using System.Diagnostics;

namespace Aegis.Cli.Git;

/// <summary>Runs the user's own git on the user's own repository. The key goes by environment, never by
/// arguments, which every process of the machine can read.</summary>
internal static class GitProgram
{
    private const int ErrorCharsMax = 2_000;

    public static Task<string> RunAsync(string directory, string[] arguments, CancellationToken cancel) =>
        RunAsync(directory, arguments, [], cancel);

    public static async Task<string> RunAsync(string directory, string[] arguments,
        IEnumerable<KeyValuePair<string, string>> environment, CancellationToken cancel)
    {
        var start = new ProcessStartInfo("git")
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        start.Environment["GIT_TERMINAL_PROMPT"] = "0";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        using var git = Start(start, directory);
        git.StandardInput.Close();
        var output = git.StandardOutput.ReadToEndAsync(cancel);
        var error = git.StandardError.ReadToEndAsync(cancel);
        await git.WaitForExitAsync(cancel);
        if (git.ExitCode == 0)
        {
            return await output;
        }
        var words = (await error).Trim();
        throw new CliException(ExitCode.Usage, "AEGIS7005",
            $"git {arguments[0]} in {directory} failed: {words[..Math.Min(words.Length, ErrorCharsMax)]}",
            "check that it is a git repository with a commit, and what git says above");
    }

    /// <summary>Sends the key as a header, for this one process and its children, to this one server only.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Credentials(Uri server, string key) =>
    [
        new("GIT_CONFIG_COUNT", "2"),
        new("GIT_CONFIG_KEY_0", $"http.{server.GetLeftPart(UriPartial.Authority)}/.extraHeader"),
        new("GIT_CONFIG_VALUE_0", $"Authorization: Bearer {key}"),
        new("GIT_CONFIG_KEY_1", "credential.helper"),
        new("GIT_CONFIG_VALUE_1", ""),
    ];

    private static Process Start(ProcessStartInfo start, string directory)
    {
        if (!Directory.Exists(directory))
        {
            throw new CliException(ExitCode.Usage, "AEGIS7004", $"no such folder: {directory}", "check the path");
        }
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new CliException(ExitCode.Usage, "AEGIS7005", $"git cannot be started: {e.Message}", "install git");
        }
    }
}
