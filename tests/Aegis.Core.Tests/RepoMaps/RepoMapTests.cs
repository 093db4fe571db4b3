using System.Collections.Immutable;
using Aegis.Core.RepoMaps;

namespace Aegis.Core.Tests.RepoMaps;

public sealed class RepoMapTests
{
    private static readonly ImmutableArray<SourceFile> Shop =
    [
        new("shop/cart.py", "from shop.money import round_cents\n\nclass Cart:\n    def total(self):\n"
            + "        return round_cents(sum(self.lines))\n"),
        new("shop/money.py",
            "def round_cents(value):\n    return value\n\ndef parse_price(text):\n    pass\n"),
        new("shop/mail.py", "def send_mail(to):\n    pass\n"),
        new("shop/admin.py", "from shop.mail import send_mail\nclass Admin:\n    pass\n"),
        new("tests/test_cart.py", "from shop.cart import Cart\ndef test_total():\n    Cart().total()\n"),
    ];

    [Fact]
    public void Map_PutsFirstWhatTheTaskIsAbout()
    {
        var index = RepoIndex.Of(Shop);
        var cart = RepoMapText.Of(RepoRank.Of(index, new("Cart.total is wrong by a cent", [])), 4_000);
        Assert.Equal("shop/cart.py", cart.Files[0]);
        Assert.True(cart.Files.IndexOf("shop/money.py") < cart.Files.IndexOf("shop/mail.py"));
        Assert.Equal("shop/mail.py",
            RepoMapText.Of(RepoRank.Of(index, new("", ["shop/mail.py"])), 4_000).Files[0]);
        Assert.StartsWith("shop/mail.py\n  1 def send_mail(to)\n",
            RepoMapText.Of(RepoRank.Of(index, new("mail is lost", [])), 4_000).Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Map_IsNeverOverItsBudgetAndUsesItWhereItCan()
    {
        var ranked = RepoRank.Of(RepoIndex.Of(Shop), new("Cart", []));
        var whole = RepoMapText.Of(ranked, 100_000);
        Assert.Equal(ranked.Length, whole.Symbols);
        Assert.Equal(whole.Text, RepoMapText.Of(ranked, whole.Tokens).Text);
        Assert.Equal(whole.Symbols - 1, RepoMapText.Of(ranked, whole.Tokens - 1).Symbols);
        var before = 0;
        for (var budget = 0; budget <= whole.Tokens; budget++)
        {
            var map = RepoMapText.Of(ranked, budget);
            Assert.InRange(map.Tokens, 0, budget);
            Assert.Equal(map.Tokens, RepoMapText.TokensOf(map.Text));
            Assert.InRange(map.Symbols, before, ranked.Length);
            before = map.Symbols;
        }
    }

    [Fact]
    public void Map_OfRandomRepositories_IsDeterministicAndKeepsItsBudget()
    {
        for (var seed = 1; seed <= 40; seed++)
        {
            var chance = new Random(seed);
            var files = Random(chance);
            var question = new MapQuestion($"name{chance.Next(30)} é and file{chance.Next(9)}.py",
                [$"p{chance.Next(9)}.py"]);
            var ranked = RepoRank.Of(RepoIndex.Of(files), question);
            var again = RepoRank.Of(RepoIndex.Of([.. files.OrderBy(_ => chance.Next())]), question);
            Assert.True(ranked.SequenceEqual(again), $"seed {seed}");
            Assert.All(ranked, r => Assert.True(double.IsFinite(r.Score) && r.Score >= 0, $"seed {seed}"));
            var budget = chance.Next(1, 400);
            Assert.True(RepoMapText.TokensOf(RepoMapText.Of(ranked, budget).Text) <= budget, $"seed {seed}");
        }
    }

    [Theory]
    [InlineData("a.ts", "export class A {\n  run(x: number): void {\n  }\n}\nexport const b = 1", "A run b")]
    [InlineData("a.py", "class A:\n  async def run(self):\n    if x():\n      pass", "A run")]
    [InlineData("A.cs", "public sealed record A(int X)\n{\n    public int Run(int x) => x;\n}", "A Run")]
    [InlineData("a.go", "type A struct {}\nfunc (a *A) Run(x int) int {\n\treturn 1\n}", "A Run")]
    [InlineData("a.rs", "pub struct A;\nimpl A {\n    pub fn run(&self) {}\n}", "A run")]
    [InlineData("A.java", "public class A {\n  public int run(int x) {\n  if (x) {\n  }\n}", "A run")]
    [InlineData("a.txt", "class A", "")]
    public void SymbolScan_FindsWhatLinesDefine(string path, string text, string names) =>
        Assert.Equal(names, string.Join(' ', SymbolScan.Of(new(path, text)).Select(s => s.Name)));

    private static ImmutableArray<SourceFile> Random(Random chance) =>
        [.. Enumerable.Range(0, chance.Next(1, 30)).Select(i => new SourceFile($"p{i}.py",
            string.Concat(Enumerable.Range(0, chance.Next(12)).Select(_ => chance.Next(3) switch
            {
                0 => $"def name{chance.Next(30)}(é):\n",
                1 => $"import p{chance.Next(30)}\n",
                _ => $"    name{chance.Next(30)}()\n",
            }))))];
}
