using Xunit;

namespace Stock.Tests;

public sealed class ShelfTests
{
    [Fact]
    public void AddsUp() => Assert.Equal(3, Shelf.Count(1, 2));

    [Fact]
    public void NothingIsOne() => Assert.Equal(1, Shelf.Count());

    [Fact(Skip = "not yet")]
    public void InParallel() => Assert.Fail("it ran");
}
