using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Aegis.Core.Expressions;
using Aegis.Core.Plans.Source;

namespace Aegis.Core.Plans;

/// <summary>Reads <c>retry.on</c>: a list of codes, classes and exit codes, one of them alone, or an
/// expression in <c>${{ }}</c>.</summary>
internal static partial class RetryOnReader
{
    private const int ExitCodeMax = 255;

    public static RetryOn? Read(ValueReader read, SourceNode node)
    {
        if (node is ScalarNode { IsNull: false } alone
            && alone.Text.Contains(TemplateText.Open, StringComparison.Ordinal))
        {
            return new RetryOn([], [], [], alone.Text);
        }
        var codes = ImmutableArray.CreateBuilder<string>();
        var classes = ImmutableArray.CreateBuilder<string>();
        var exits = ImmutableArray.CreateBuilder<int>();
        foreach (var item in read.Items(node, "retry.on", WorkflowLimits.RetryOnMax, mayBeOne: true))
        {
            if (item is ScalarNode scalar && CoreSchema.KindOf(scalar) == ScalarKind.Integer)
            {
                if (read.Number(item, "an exit code of retry.on", 0, ExitCodeMax, true) is { } exit)
                {
                    exits.Add((int)exit);
                }
            }
            else if (read.Literal(item, "retry.on", WorkflowLimits.NameLengthMax) is { } word)
            {
                (CodePattern().IsMatch(word) ? codes : classes).Add(word);
                if (!CodePattern().IsMatch(word) && !FailureClasses.All.Contains(word))
                {
                    read.Diagnostics.Add(item, "AEGIS1170", "retry.on names no kind of failure",
                        string.Join(", ", FailureClasses.All) + ", an exit code, or a code such as AEGIS2005",
                        ValueReader.Shown(word), read.Diagnostics.DidYouMean(word, FailureClasses.All));
                }
            }
        }
        if (node is SequenceNode { Items.IsEmpty: true })
        {
            read.Diagnostics.Add(node, "AEGIS1170", "retry.on is empty, so nothing would be tried again",
                "at least one kind of failure", null, "write retry: 0, or leave on out");
        }
        return new RetryOn(codes.ToImmutable(), classes.ToImmutable(), exits.ToImmutable(), null);
    }

    [GeneratedRegex(@"^AEGIS[0-9]{4}\z")]
    private static partial Regex CodePattern();
}
