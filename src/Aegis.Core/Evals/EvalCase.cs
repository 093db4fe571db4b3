using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Aegis.Core.Errors;

namespace Aegis.Core.Evals;

/// <param name="Path">Relative to the case's folder, with slashes.</param>
public sealed record EvalFile(string Path, string Content);

/// <summary>A small task by which agents are judged.</summary>
/// <param name="Sentence">What is to be done.</param>
/// <param name="Files">What the agent begins with.</param>
/// <param name="Tests">What judges; it is laid over the files when the agent is done.</param>
/// <param name="Framework">As of <c>tests.run</c>; null: told from the files.</param>
/// <param name="Args">Further arguments of the runner.</param>
public sealed record EvalCase(string Id, string Sentence, ImmutableArray<EvalFile> Files,
    ImmutableArray<EvalFile> Tests, string? Framework, ImmutableArray<string> Args)
{
    /// <summary>The same where everything that the case asks for is: only then two results of it
    /// compare.</summary>
    public string Hash
    {
        get
        {
            var text = new StringBuilder();
            foreach (var part in (IEnumerable<string>)
            [
                Sentence, Framework ?? "", .. Args, "", .. Files.SelectMany(f => new[] { f.Path, f.Content }),
                "", .. Tests.SelectMany(f => new[] { f.Path, f.Content }),
            ])
            {
                // with its length, so that no two cases run together into one text
                text.Append(part.Length).Append(':').Append(part);
            }
            return Convert.ToHexStringLower(
                SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 12));
        }
    }
}

/// <summary>A case as a suite's file names it: its files are in folders beside.</summary>
/// <param name="Files">Null where the agent begins with nothing.</param>
public sealed record EvalCaseText(string Id, string Sentence, string? Files, string Tests,
    string? Framework, ImmutableArray<string> Args, SourceSpan At);

/// <summary><c>suite.yaml</c>.</summary>
public sealed record EvalSuiteText(string Name, ImmutableArray<EvalCaseText> Cases);
