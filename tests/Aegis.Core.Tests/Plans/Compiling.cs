using System.Text;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Plans;

namespace Aegis.Core.Tests.Plans;

internal static class Compiling
{
    public static CompileResult Compile(string yaml, string[]? tools = null,
        Func<string, JsonElement, AegisError?>? checkInput = null) =>
        WorkflowCompiler.Compile(Encoding.UTF8.GetBytes(yaml), "w.yaml", tools, checkInput);

    public static Plan Plan(string yaml)
    {
        var result = Compile(yaml);
        Assert.Equal("", string.Join("\n", result.Diagnostics));
        return result.Plan!;
    }

    /// <summary>Each error as <c>line:column code</c>.</summary>
    public static string Errors(string yaml, string[]? tools = null)
    {
        var result = Compile(yaml, tools);
        Assert.Equal(result.Diagnostics.IsEmpty, result.Ok);
        return string.Join(", ", result.Diagnostics.Select(d =>
            $"{d.At.Line}:{d.At.Column} {d.Error.Code["AEGIS".Length..]}"));
    }

    /// <summary>A workflow whose only step is given, from line 3 on, each of its lines indented by
    /// four.</summary>
    public static string Step(string lines) =>
        "name: w\nsteps:\n  - id: a\n    uses: t\n" + string
        .Concat(lines.Split('\n').Select(l => $"    {l}\n"));

    public static string Sample(string name) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Plans/Samples", name));
}
