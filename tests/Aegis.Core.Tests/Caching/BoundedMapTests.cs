using System.Collections.Concurrent;
using Aegis.Core.Caching;

namespace Aegis.Core.Tests.Caching;

public sealed class BoundedMapTests
{
    [Theory]
    [InlineData("a", "a b c")] // what is kept and read anew takes no place
    [InlineData("d", "d")]
    public void Map_AtItsLimit_IsEmptiedByWhatIsNew(string key, string left)
    {
        var map = new ConcurrentDictionary<string, int>();
        foreach (var kept in new[] { "a", "b", "c" })
        {
            map.Keep(kept, 1, 3);
        }
        Assert.Equal(3, map.Count);
        Assert.Equal(2, map.Keep(key, 2, 3));
        Assert.Equal(left.Split(' '), map.Keys.Order());
        Assert.Equal(2, map[key]);
    }
}
