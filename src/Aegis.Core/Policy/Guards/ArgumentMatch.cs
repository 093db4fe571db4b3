using System.Collections.Immutable;

namespace Aegis.Core.Policy.Guards;

/// <summary>When a guard objects. Each kind errs on the side of objecting.</summary>
internal abstract record ArgumentMatch
{
    /// <summary>It looks at what arguments say, not only at options: a word that is only known when it runs
    /// might be what it objects to.</summary>
    public virtual bool ReadsOperands => false;

    /// <summary>It judges words that are only known when they run by itself.</summary>
    public virtual bool JudgesOpenWords => false;

    public abstract bool Hits(GuardedCommand command);
}

/// <summary>Any argument at all.</summary>
internal sealed record AnyArgument : ArgumentMatch
{
    public override bool Hits(GuardedCommand command) => command.Arguments.Length > 0;
}

/// <summary>The program itself, arguments or not.</summary>
internal sealed record Always : ArgumentMatch
{
    public override bool Hits(GuardedCommand command) => true;
}

/// <summary>A long option. Programs accept any beginning of one that is unambiguous, and some a single dash,
/// so every beginning counts but those that are options of their own.</summary>
internal sealed record LongOption(ImmutableArray<string> Names, ImmutableArray<string> Others = default,
    bool EndsAtDashes = false) : ArgumentMatch
{
    public override bool Hits(GuardedCommand command)
    {
        foreach (var word in command.Arguments)
        {
            if (EndsAtDashes && word.Text == "--")
            {
                return false;
            }
            if (IsOne(word.Text))
            {
                return true;
            }
        }
        return false;
    }

    private bool IsOne(string text)
    {
        var name = text.Split('=')[0];
        var dashes = name.StartsWith("--", StringComparison.Ordinal) ? 2 : 1;
        if (!name.StartsWith('-') || name.Length < dashes + (dashes == 2 ? 1 : 3))
        {
            return false;
        }
        name = name[dashes..];
        return !(Others.IsDefault ? [] : Others).Contains(name)
            && Names.Any(n => n.StartsWith(name, StringComparison.OrdinalIgnoreCase));
    }
}

/// <summary>A letter among short options, also bundled (<c>-xIf</c>); for tar also in a first word without a
/// dash.</summary>
internal sealed record ShortOption(string Letters, bool AlsoBare = false) : ArgumentMatch
{
    public override bool Hits(GuardedCommand command)
    {
        for (var i = 0; i < command.Arguments.Length; i++)
        {
            var text = command.Arguments[i].Text;
            var isBundle = text.Length > 1 && text[0] == '-' && text[1] != '-';
            var isBare = AlsoBare && i == 0 && text.Length > 0 && text[0] != '-';
            if ((isBundle || isBare) && text.AsSpan().IndexOfAny(Letters) >= 0)
            {
                return true;
            }
        }
        return false;
    }
}

/// <summary>An argument that the pattern does not know.</summary>
internal sealed record WordsOtherThan(GuardPattern Known) : ArgumentMatch
{
    public override bool ReadsOperands => true;

    public override bool Hits(GuardedCommand command) =>
        command.Arguments.Any(a => !Known.IsMatch(a.Text));
}

/// <summary>An argument that is exactly one of these words.</summary>
internal sealed record Word(params ImmutableArray<string> Words) : ArgumentMatch
{
    public override bool ReadsOperands => true;

    public override bool Hits(GuardedCommand command) => command.Arguments.Any(a => Words.Contains(a.Text));
}

/// <summary>An argument that the pattern finds something in.</summary>
internal sealed record Pattern(GuardPattern Found) : ArgumentMatch
{
    public override bool ReadsOperands => true;

    public override bool Hits(GuardedCommand command) => command.Arguments.Any(a => Found.IsMatch(a.Text));
}

/// <summary>An option whose next word the pattern finds something in.</summary>
internal sealed record Pair(string Option, GuardPattern Found) : ArgumentMatch
{
    public override bool ReadsOperands => true;

    public override bool Hits(GuardedCommand command)
    {
        for (var i = 0; i + 1 < command.Arguments.Length; i++)
        {
            if (command.Arguments[i].Text == Option && Found.IsMatch(command.Arguments[i + 1].Text))
            {
                return true;
            }
        }
        return false;
    }
}

/// <summary>Options before the first operand are known ones, or the guard objects: for programs with too many
/// ways to load code to list them.</summary>
internal sealed record OptionsOtherThan(GuardPattern Known, ImmutableArray<string> ValueOptions = default)
    : ArgumentMatch
{
    public override bool Hits(GuardedCommand command)
    {
        var values = ValueOptions.IsDefault ? [] : ValueOptions;
        var operand = command.OperandAt(values);
        var count = operand < 0 ? command.Arguments.Length : operand;
        for (var i = 0; i < count; i++)
        {
            var text = command.Arguments[i].Text;
            if (text != "--" && !Known.IsMatch(text))
            {
                return true;
            }
            if (values.Contains(text))
            {
                i++;
            }
        }
        return false;
    }
}

/// <summary>No file is named, so the program reads what it runs from its input; an option that the pattern
/// knows excuses it.</summary>
internal sealed record ReadsInput(GuardPattern Excuse) : ArgumentMatch
{
    public override bool Hits(GuardedCommand command)
    {
        var operand = command.OperandAt([]);
        return operand < 0
            ? !command.Arguments.Any(a => Excuse.IsMatch(a.Text))
            : command.Arguments[operand].Text is var text
                && (text == "-" || text.StartsWith("/dev/", StringComparison.Ordinal)
                    || text.StartsWith("/proc/", StringComparison.Ordinal));
    }
}

/// <summary>The subcommand is one of these, and what follows it meets the rest.</summary>
internal sealed record Verb(ImmutableArray<string> Verbs, ArgumentMatch Rest,
    ImmutableArray<string> ValueOptions = default) : ArgumentMatch
{
    public override bool ReadsOperands => Rest.ReadsOperands;

    public override bool Hits(GuardedCommand command)
    {
        var at = command.OperandAt(ValueOptions.IsDefault ? [] : ValueOptions);
        if (at < 0 || !(Verbs.Contains(command.Arguments[at].Text) || command.Arguments[at].HasGlob
            || command.Arguments[at].IsOpen))
        {
            return false;
        }
        var words = ImmutableArray.Create(command.Arguments[at]).AddRange(command.Arguments[(at + 1)..]);
        return Rest.Hits(new GuardedCommand(command.Command with { Words = words }));
    }
}

/// <summary>For sed: not one of the scripts that are known to be harmless. The excuse must come first: behind
/// <c>--</c> it would be a file's name.</summary>
internal sealed record ScriptOtherThan(GuardPattern Harmless, string Excuse) : ArgumentMatch
{
    public override bool ReadsOperands => true;

    public override bool Hits(GuardedCommand command)
    {
        if (command.Arguments is [{ } first, ..] && first.Text == Excuse)
        {
            return false;
        }
        var named = false;
        for (var i = 0; i < command.Arguments.Length; i++)
        {
            var text = command.Arguments[i].Text;
            if (text is "-e" or "--expression")
            {
                named = true;
                if (++i < command.Arguments.Length && !Harmless.IsMatch(command.Arguments[i].Text))
                {
                    return true;
                }
            }
            else if (text.StartsWith('-') && text.Length > 1 && !PlainOption.IsMatch(text))
            {
                return true;
            }
        }
        var operand = command.OperandAt([]);
        return !named && operand >= 0 && !Harmless.IsMatch(command.Arguments[operand].Text);
    }

    private static readonly GuardPattern PlainOption =
        GuardPattern.Find(
            @"^(-[nrEsz]+|-i(\.[a-z]+)?|--(quiet|silent|in-place|regexp-extended|null-data|separate"
            + @"|version|help))\z");
}

/// <summary>The option's value, in the same word or the next, leads out of the work folder.</summary>
internal sealed record PathOutside(string Option) : ArgumentMatch
{
    public override bool Hits(GuardedCommand command)
    {
        for (var i = 0; i < command.Arguments.Length; i++)
        {
            var text = command.Arguments[i].Text;
            if (text == Option && i + 1 < command.Arguments.Length
                && IsOutside(command.Arguments[i + 1].Text))
            {
                return true;
            }
            if (text.Length > Option.Length && text.StartsWith(Option, StringComparison.Ordinal)
                && IsOutside(text[Option.Length..].TrimStart('=')))
            {
                return true;
            }
        }
        return false;
    }

    private static bool IsOutside(string path) => path.Split('/').Contains("..")
        || (path.StartsWith('/') && !path.StartsWith("/work/", StringComparison.Ordinal) && path != "/work"
            && !path.StartsWith("/app/workplace/", StringComparison.Ordinal) && path != "/app/workplace");
}
