namespace Aegis.Core.Tests.Expressions.Differential;

/// <summary>Questions for both sides, each a JSON line of <c>{"expr", "contexts"}</c>.</summary>
internal sealed class CaseMaker(Random random)
{
    private static readonly string[] Roots =
        ["github", "env", "Inputs", "steps", "matrix", "needs", "vars_1", "k"];

    public string Make()
    {
        var json = new JsonMaker(random);
        var roots = Roots.Where(_ => random.Next(2) == 0).ToList();
        var contexts = string.Join(',', roots.Select(r => $"{json.Quoted(r)}:{json.Value(4)}"));
        var expression = random.Next(40) == 0
            ? Deep(roots)
            : new ExpressionMaker(random, roots).Make();
        return $"{{\"expr\":{json.Quoted(expression)},\"contexts\":{{{contexts}}}}}";
    }

    // around the limits of length and depth, each kind of nesting by itself
    private string Deep(List<string> roots)
    {
        var levels = random.Next(44, 54);
        var leaf = roots.Count > 0 ? roots[0] : "fromJSON('[]')";
        string Times(string text) => string.Concat(Enumerable.Repeat(text, levels));
        return random.Next(8) switch
        {
            0 => Times("(") + leaf + Times(")"),
            1 => Times("!") + leaf,
            2 => leaf + Times("[0]"),
            3 => leaf + Times(".a"),
            4 => Times("join(") + "null" + Times(")"),
            5 => Times(leaf + "[") + "1" + Times("]"),
            6 => leaf + Times(" == " + leaf) + Times(" || 1"),
            _ => "'" + new string('x', random.Next(20_996, 21_002)) + "'",
        };
    }
}
