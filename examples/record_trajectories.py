"""Records a simulated robot under smooth random controls, to train an energy on.

pip install "gymnasium[mujoco]"
./bazelw run //examples:record_trajectories -- --out=DIR
./bazelw run //pipeline:train -- --dataset=trajectory --data_dir=DIR
"""

import argparse
import sys

from ebm_tf.data import trajectories


def main() -> None:
    """Writes train.npy, test.npy and recording.json."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True, help="folder to write to")
    parser.add_argument(
        "--environment", default="Reacher-v5", help="Reacher-v5, Pusher-v5, ..."
    )
    parser.add_argument("--num", type=int, default=10_000, help="for training")
    parser.add_argument("--num_test", type=int, default=1_000)
    parser.add_argument("--num_steps", type=int, default=50)
    parser.add_argument(
        "--window", type=int, help="cut each into pieces of so many steps; default: no"
    )
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    if args.window is not None and not 0 < args.window <= args.num_steps:
        parser.error(f"--window must be from 1 to {args.num_steps}, --num_steps")
    try:
        import gymnasium

        environment = gymnasium.make(args.environment)
    except ImportError as error:
        sys.exit(f"pip install 'gymnasium[mujoco]': {error}")
    train, test = (
        trajectories.record(environment, num, args.num_steps, args.seed + offset)
        for num, offset in ((args.num, 0), (args.num_test, 1))
    )
    if args.window is not None:
        train, test = (
            trajectories.windows(each, args.window) for each in (train, test)
        )
    observed = environment.observation_space.shape[0]
    names = [f"observed_{number}" for number in range(observed)]
    names += [f"control_{number}" for number in range(train.shape[2] - observed)]
    note = {
        "environment": args.environment,
        "seconds_per_step": float(environment.unwrapped.dt),
        "seed": args.seed,
        "names": names,
    }
    trajectories.write(args.out, train, test, note)
    print(
        f"wrote {len(train)} and {len(test)} of shape {train.shape[1:]} to {args.out}"
    )


if __name__ == "__main__":
    main()
