using System.Text.Json;

namespace Aegis.Sandbox;

/// <summary>What bwrap says about a command's end. Without that line the command was never started.</summary>
internal static class SandboxStatus
{
    /// <summary>The exit code as a shell says it (128 + signal), or null where the set-up failed or
    /// everything was killed at once.</summary>
    public static int? ExitCode(string lines)
    {
        foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.TryGetProperty("exit-code", out var code))
            {
                return code.GetInt32();
            }
        }
        return null;
    }
}
