using System.Text.Json;
using Aegis.Bench.Agents;
using Aegis.Bench.Engine;
using Aegis.Bench.Fuzz;
using Aegis.Bench.Mcp;
using Aegis.Bench.Models;
using Aegis.Bench.Redaction;
using Aegis.Bench.Sandbox;
using Aegis.Bench.Terminals;

namespace Aegis.Bench;

/// <summary><c>bench NAME [--quick] [--json FILE]</c>: one bench by name; figures go to the terminal, and as
/// one flat object to the file.</summary>
internal static class BenchCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private static readonly Dictionary<string, Func<bool, Task<SortedDictionary<string, object>>>> Benches =
        new()
    {
        ["agents"] = AgentsBench.RunAsync,
        ["engine"] = EngineBench.RunAsync,
        ["fuzz"] = FuzzBench.RunAsync,
        ["gate"] = GateBench.RunAsync,
        ["models"] = ModelsBench.RunAsync,
        ["pty"] = PtyBench.RunAsync,
        ["redaction"] = RedactionBench.RunAsync,
        ["routing"] = RoutingBench.RunAsync,
        ["sandbox"] = SandboxBench.RunAsync,
    };

    public static async Task<int> RunAsync(string[] args)
    {
        if (args is [AgentModel.Name])
        {
            return await AgentModel.ProvideAsync();
        }
        if (args is [ModelDriver.Provider])
        {
            return await ModelDriver.ProvideAsync();
        }
        if (args is [ModelDriver.Name, ..])
        {
            return await ModelDriver.RunAsync(args.Contains("--quick"));
        }
        if (args.Length == 0 || !Benches.TryGetValue(args[0], out var bench))
        {
            await Console.Error.WriteLineAsync($"usage: bench NAME [--quick] [--json FILE]; names: "
                + string.Join(", ", Benches.Keys));
            return 2;
        }
        var jsonAt = Array.IndexOf(args, "--json");
        if (jsonAt >= 0 && jsonAt + 1 >= args.Length)
        {
            await Console.Error.WriteLineAsync("--json needs a file");
            return 2;
        }
        var figures = await bench(args.Contains("--quick"));
        foreach (var (name, value) in figures)
        {
            Console.WriteLine($"{name,-28} {value:0.##}");
        }
        if (jsonAt >= 0)
        {
            await File.WriteAllTextAsync(args[jsonAt + 1], JsonSerializer.Serialize(figures, Indented));
        }
        return 0;
    }
}
