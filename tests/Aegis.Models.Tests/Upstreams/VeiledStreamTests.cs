using System.Text;
using Aegis.Models.Upstreams;

namespace Aegis.Models.Tests.Upstreams;

/// <summary>A key that comes back is starred, in however many parts it comes.</summary>
public sealed class VeiledStreamTests
{
    private const string Secret = "sk-abab/abac";
    private const string Stars = "***";

    [Theory]
    [InlineData("before sk-abab/abac behind", "before *** behind")]
    [InlineData("sk-abab/abacsk-abab/abac", Stars + Stars)]
    [InlineData("sk-absk-abab/abac", "sk-ab" + Stars)]
    [InlineData(@"a sk-abab\/abac b", "a *** b")]
    [InlineData("ends with sk-abab/aba", "ends with sk-abab/aba")]
    [InlineData("sk-", "sk-")]
    [InlineData("", "")]
    public async Task Secret_InPartsOfAnySize_IsStarred(string said, string told)
    {
        for (var part = 1; part <= said.Length + 1; part++)
        {
            Assert.Equal(told, await ReadAsync(new Parts(said, part), Secret, 5));
            Assert.Equal(told, await ReadAsync(new Parts(said, part), Secret, 4_096));
        }
    }

    [Fact]
    public async Task WhatIsNoBeginning_IsHandedOnAtOnce()
    {
        await using var veiled = VeiledStream.Over(new Parts("data: {}\n\n", 100), Secret);
        var buffer = new byte[100];
        Assert.Equal(10, await veiled.ReadAsync(buffer));
    }

    [Theory]
    [InlineData("1234567", "is 1234567")]
    [InlineData("12345678", "is ***")]
    public async Task Secret_AtItsLeastLengthAndBelow(string secret, string told) =>
        Assert.Equal(told, await ReadAsync(new Parts($"is {secret}", 3), secret, 64));

    [Fact]
    public async Task LongAnswer_IsTheSameBytes()
    {
        var text = string.Concat(Enumerable.Range(0, 20_000).Select(n => $"{n} sk-abab/"));
        Assert.Equal(text, await ReadAsync(new Parts(text, 777), Secret, 1_000));
        await using var veiled = VeiledStream.Over(new Parts(text + Secret, 5_000), Secret);
        using var reader = new StreamReader(veiled);
        Assert.Equal(text + Stars, await reader.ReadToEndAsync());
    }

    private static async Task<string> ReadAsync(Stream from, string secret, int room)
    {
        await using var veiled = VeiledStream.Over(from, secret);
        using var all = new MemoryStream();
        var buffer = new byte[room];
        while (await veiled.ReadAsync(buffer) is > 0 and var count)
        {
            all.Write(buffer, 0, count);
        }
        return Encoding.UTF8.GetString(all.ToArray());
    }

    private sealed class Parts(string text, int size) : MemoryStream(Encoding.UTF8.GetBytes(text))
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(size, buffer.Length)]);

        public override ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
    }
}
