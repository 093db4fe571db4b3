using System.Collections.Immutable;
using Aegis.Core.Expressions;

namespace Aegis.Core.Plans;

/// <summary>Which values somebody outside, or a model, can choose the text of; and which variables of an env
/// block are made of such values, also by way of other variables.</summary>
internal static class TaintedEnv
{
    /// <summary>Of every root but env, which needs <see cref="Names"/>.</summary>
    public static bool IsUntrusted(ExpressionReference reference) => reference.Root switch
    {
        "steps" => !(reference.Path.Length >= 2
            && ExpressionRoots.StepMembersTrusted.Contains(reference.Path[1],
            StringComparer.OrdinalIgnoreCase)),
        "context" => !(reference.Path is [var member, ..]
            && string.Equals(member, "sha", StringComparison.OrdinalIgnoreCase)),
        "inputs" or "run" or "index" or "env" or "secrets" => false,
        // an item, by whatever name
        _ => true,
    };

    /// <param name="inputs">Inputs whose text an outsider may have chosen.</param>
    /// <param name="inputsOnly">Look at nothing but those.</param>
    public static ISet<string> Names(ImmutableSortedDictionary<string, string> env,
        ImmutableHashSet<string> inputs, bool inputsOnly = false)
    {
        bool IsUntrustedHere(ExpressionReference r) => r.Root == "inputs"
            ? UntrustedInputs.Names(r, inputs)
            : !inputsOnly && IsUntrusted(r);
        var tainted = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var reads = env.ToDictionary(v => v.Key, v => Reads(v.Value));
        for (var found = -1; found != tainted.Count;)
        {
            found = tainted.Count;
            foreach (var (name, references) in reads)
            {
                if (references.Any(r => r.Root == "env" ? IsTainted(r, tainted) : IsUntrustedHere(r)))
                {
                    tainted.Add(name);
                }
            }
        }
        return tainted;
    }

    private static bool IsTainted(ExpressionReference env, HashSet<string> tainted) =>
        env.Path.IsEmpty ? tainted.Count > 0 : tainted.Contains(env.Path[0]);

    private static List<ExpressionReference> Reads(string text) =>
    [
        .. TemplateText.Parse(text, readsShortForm: true).Parts
            .SelectMany(p => p.Expression?.References ?? [])
            .Where(r => r.ReachesResult),
    ];
}
