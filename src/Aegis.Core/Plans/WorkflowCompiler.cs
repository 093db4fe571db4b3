using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Plans.Source;

namespace Aegis.Core.Plans;

/// <summary>
/// Turns a workflow file into a plan, or into every error of the file with its place. Stopping at the first
/// error was rejected: who writes a file wants one list, not twenty round trips. So each stage notes what is
/// wrong and hands on what it could read:
/// 1. bytes → text → nodes with places (Source/), within limits;
/// 2. header and steps → typed drafts, keys held against <see cref="WorkflowKeys"/>;
/// 3. needs → a stable topological order;
/// 4. expressions parsed, and their reads held against inputs, steps and needs;
/// 5. tools looked up, constant inputs checked by the tools themselves.
/// </summary>
public static class WorkflowCompiler
{
    /// <param name="source">The file's bytes, at most 1 MiB of UTF-8.</param>
    /// <param name="file">Its name as diagnostics shall show it.</param>
    /// <param name="knownTools">The tools there are; null to accept any name.</param>
    /// <param name="checkInput">Asked with tool and <c>with</c> where the latter holds no expression.</param>
    /// <param name="knownZone">Says whether there is such a time zone; null to accept any name.</param>
    public static CompileResult Compile(ReadOnlyMemory<byte> source, string file,
        IReadOnlyCollection<string>? knownTools = null,
        Func<string, JsonElement, AegisError?>? checkInput = null, Func<string, bool>? knownZone = null)
    {
        var diagnostics = new DiagnosticList(file);
        var plan = Compile(source, diagnostics, knownTools, checkInput, knownZone);
        return diagnostics.IsEmpty
            ? new CompileResult(plan, [])
            : new CompileResult(null, diagnostics.ToImmutable());
    }

    private static Plan? Compile(ReadOnlyMemory<byte> source, DiagnosticList diagnostics,
        IReadOnlyCollection<string>? knownTools, Func<string, JsonElement, AegisError?>? checkInput,
        Func<string, bool>? knownZone)
    {
        if (SourceText.Read(source, diagnostics) is not { } text
            || new SourceReader(diagnostics).Read(text.Text) is not { } node)
        {
            return null;
        }
        var read = new ValueReader(diagnostics);
        if (read.Map(node, "the workflow", KeyScope.Workflow) is not { } root)
        {
            return null;
        }
        var header = HeaderReader.Read(read, root, knownZone);
        var steps = new StepReader(read, header).ReadAll(root["steps"], root);
        var order = TaskOrder.Make(steps, diagnostics, []);
        if (order.Order.Length == steps.Length)
        {
            new ExpressionCheck(text, diagnostics, header, steps, order, [], []).CheckAll(root);
        }
        var tasks = PlanTasks.Of(steps, order, 0);
        new ToolCheck(text, diagnostics, knownTools, checkInput).CheckAll(steps, order, tasks);
        return new Plan(header.Name, Convert.ToHexStringLower(SHA256.HashData(source.Span)), header.On,
            header.Policy, header.Inputs, header.Env.Values, header.Timeout, tasks)
        {
            Outputs = header.Outputs,
            Sla = header.Sla,
            Concurrency = header.Concurrency,
            DedupeKey = header.DedupeKey,
        };
    }
}
