using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Aegis.Core.Expressions;
using Aegis.Core.Findings.CodeRules;
using Aegis.Core.Plans;
using Aegis.Core.Policy;
using Xunit.Abstractions;

namespace Aegis.Core.Tests;

/// <summary>Every reader answers every text with a value or an error, never with an exception. The seed is
/// printed; AEGIS_TEST_SEED repeats it.</summary>
public sealed class RobustnessTests
{
    private static readonly string[] ExpressionPieces =
        ["inputs", "steps", ".a", "[", "]", "(", ")", "'x'", "'", "''", "!", "==", "<=", "&&", "||", "*",
        ".*", ",", " ", "1", "-", "0x",
            "1e", "true", "null", "contains", "format(", "toJSON(", "fromJSON(", "join(", "${{", "}}", "${",
            "\ud800", "é", "\0", "\"", "{0}", "NaN"];

    private static readonly string[] CommandPieces =
        ["git", " ", "  ", "'", "\"", "\\", "&&", "||", ";", "|", "&", "$", "`", "*", "?", "[", "]", "~",
        "#", "=", "a", "-c", "--x=", "(", "<",
            "\n", "\t", "\0", "{", "bash", "+=", ":", "%", "sed", "npm", "é", "\ud83d", "sh -c "];

    private static readonly string[] YamlPieces =
        ["name: w\n", "steps:\n", "  - id: a\n", "    uses: t\n", "    with: ", "{", "}", "[", "]", ": ",
        "- ", "\n", "  ", "&a ", "*a", "? ", "| ", "> ",
            "\"", "'", "#", "!!str ", "%YAML 1.2\n", "---\n", "...\n", "\t", "${{ steps.a.ok }}", "if: ",
            "needs: ", "x", "5", "~", "<<: ", "é", "\\", ",",
            "retry: ", "env: ", "policy: ", "inputs: ", "\r", "\0", "\u2028", "@", "`", "\"\\", "on: "];

    private readonly Random random;

    public RobustnessTests(ITestOutputHelper output)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("AEGIS_TEST_SEED"), out var given) ? given
            : Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        random = new Random(seed);
    }

    [Fact]
    public void Expressions_AnyText_AnswerOrRefuse()
    {
        var context = new FakeRoots();
        for (var i = 0; i < 20_000; i++)
        {
            var text = Text(ExpressionPieces, 14);
            var parse = Expression.Parse(text);
            Assert.True(parse.Expression is null != parse.Error is null, text);
            Assert.InRange(parse.At, 0, text.Length);
            var condition = Condition.Evaluate(text, context);
            Assert.True(condition.Value is null != condition.Error is null, text);
            var rendered = Template.RenderText(text, context);
            Assert.True(rendered.Value is null != rendered.Error is null, text);
        }
    }

    [Fact]
    public void CommandLines_AnyText_AnswerOrRefuse()
    {
        for (var i = 0; i < 20_000; i++)
        {
            var text = Text(CommandPieces, 12);
            var decision = CommandPolicy.Evaluate(["git *", "bash *", "npm ci", "sed"], text);
            Assert.True(decision.Decision == Decision.Allow == decision.Error is null, text);
            Assert.Contains(decision.Deciding, decision.Matched);
            var parsed = CommandLine.Parse(text);
            Assert.True(parsed.Error is null != parsed.Commands.IsEmpty, text);
        }
    }

    [Fact]
    public void Workflows_AnyText_AnswerOrRefuse()
    {
        var compiled = 0;
        for (var i = 0; i < 8_000; i++)
        {
            var text = (i % 2 == 0 ? "name: w\nsteps:\n  - id: a\n    uses: t\n" : "") + Text(YamlPieces, 24);
            var result = WorkflowCompiler.Compile(Encoding.UTF8.GetBytes(text), "w.yaml");
            Assert.Equal(result.Ok, result.Diagnostics.IsEmpty);
            Assert.All(result.Diagnostics, d => Assert.True(d.At.Line > 0 && d.At.Column > 0 && d
                .Error.Code.StartsWith("AEGIS1", StringComparison.Ordinal)));
            compiled += result.Ok ? 1 : 0;
        }
        Assert.True(compiled > 10, $"only {compiled} of 8,000 compile, so the pieces test too little");
    }

    [Fact]
    public void Workflows_AnyBytes_AnswerOrRefuse()
    {
        for (var i = 0; i < 2_000; i++)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            var result = WorkflowCompiler.Compile(bytes, "w.yaml");
            Assert.NotEmpty(result.Diagnostics);
        }
    }

    [Fact]
    public void CodeRules_ExamplesCutAndMixed_AnswerWithFindings()
    {
        string[] endings = ["js", "py", "cs", "sh", "sql"];
        string[] pieces =
        [
            .. CodeRuleSet.All.SelectMany(rule => rule.Bad.Concat(rule.Good))
                .SelectMany(code => Regex.Split(code, @"(\w+|\s+|\W)")).Where(piece => piece.Length > 0),
            "`${", "}`", "${", "f\"{", "$\"{", "\"\"\"", "=>", "?.", "+=", ":=", "||", "$(", "/*",
        ];
        for (var i = 0; i < 5_000; i++)
        {
            var found = CodeScan.Of($"x.{endings[i % endings.Length]}", Text(pieces, 400));
            Assert.InRange(found.Length, 0, CodeScan.FindingsMax + 1);
        }
    }

    private string Text(string[] pieces, int max)
    {
        var text = new StringBuilder();
        for (var n = random.Next(1, max); n > 0; n--)
        {
            text.Append(pieces[random.Next(pieces.Length)]);
        }
        return text.ToString();
    }

    private sealed class FakeRoots : ExpressionContext
    {
        private static readonly JsonElement Json = JsonElement.Parse("""{"a":[1,{"a":"x"}],"b":null}""");

        public override bool Success => true;

        public override bool Failure => false;

        public override bool Cancelled => false;

        public override ExpressionValue? Root(string name) => ExpressionValue.FromJson(Json);
    }
}
